#include "curlew/store/sqlite_connection.hpp"

#include <fmt/format.h>

namespace curlew {
namespace {

SqliteFailure to_failure(int code, const std::string& file, const char* detail) {
  using Kind = SqliteFailure::Kind;
  switch (code & 0xff) {  // what is above is detail
    case SQLITE_FULL:
      return {Kind::kPassing, fmt::format("the disk of {} is full: make room", file)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Kind::kPassing, fmt::format("another program has locked {}: end it", file)};
    case SQLITE_CORRUPT:
      return {Kind::kDamaged, fmt::format("{} is damaged: move it away, or bring back a copy, and start again", file)};
    case SQLITE_NOTADB:
      return {Kind::kDamaged, fmt::format("{} is not a database of Curlew: choose another file", file)};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {Kind::kPassing, fmt::format("{} cannot be opened for writing: see to its folder and rights", file)};
    default:
      return {Kind::kPassing, fmt::format("{} cannot be read or written ({}): see to its disk", file, detail)};
  }
}

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& file, std::chrono::milliseconds busy_wait)
    : file_(file.string()) {
  // No mutex: each connection has one user at a time, which the store sees to.
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file_.c_str(), &handle, kFlags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_wait.count()));
}

void SqliteConnection::fail(int code) const { throw to_failure(code, file_, sqlite3_errstr(code)); }

void SqliteConnection::run(const std::string& sql) {
  const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t SqliteConnection::number(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  auto rows = statement.query();
  return rows.next() ? rows.number(0) : 0;
}

void SqliteConnection::roll_back() noexcept {
  // A failure that ends a transaction has often done so already; there is nothing to be told then.
  if (sqlite3_get_autocommit(get()) == 0) sqlite3_exec(get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

SqliteStatement::SqliteStatement(SqliteConnection& connection, std::string_view sql) : connection_(connection) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(connection.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr));
  handle_.reset(statement);
}

void SqliteStatement::bind(int place, const std::string& text) {
  check(sqlite3_bind_text64(handle_.get(), place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind(int place, const Bytes& bytes) {
  const char* data = bytes.value.empty() ? "" : bytes.value.data();  // a null pointer would be a NULL
  check(sqlite3_bind_blob64(handle_.get(), place, data, bytes.value.size(), SQLITE_STATIC));
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) connection_.fail(code);
  return code == SQLITE_ROW;
}

void SqliteStatement::check(int code) const {
  if (code != SQLITE_OK) connection_.fail(code);
}

SqliteStatement::Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_->handle_.get());  // says again what the last step said
  sqlite3_clear_bindings(statement_->handle_.get());
}

std::int64_t SqliteStatement::Rows::number(int column) const {
  return sqlite3_column_int64(statement_->handle_.get(), column);
}

std::optional<std::int64_t> SqliteStatement::Rows::optional_number(int column) const {
  if (is_null(column)) return std::nullopt;
  return number(column);
}

double SqliteStatement::Rows::real(int column) const {
  return sqlite3_column_double(statement_->handle_.get(), column);
}

bool SqliteStatement::Rows::is_null(int column) const {
  return sqlite3_column_type(statement_->handle_.get(), column) == SQLITE_NULL;
}

std::string_view SqliteStatement::Rows::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_->handle_.get(), column));
  const int size = sqlite3_column_bytes(statement_->handle_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<std::size_t>(size));
}

}  // namespace curlew
