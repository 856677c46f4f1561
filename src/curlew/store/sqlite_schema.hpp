#pragma once

#include <span>

#include "curlew/store/sqlite_connection.hpp"

namespace curlew {

/// What brings a file from one version of the schema to the next; the first begins with an empty file. Entries are
/// never changed, only added.
std::span<const char* const> sqlite_migrations();

/// Makes a new file ready, brings an older one up to `migrations`, and sets how this connection writes.
///
/// Throws: SqliteFailure; kDamaged where the file is another program's, or a newer Curlew's.
void prepare_schema(SqliteConnection& connection, std::span<const char* const> migrations);

}  // namespace curlew
