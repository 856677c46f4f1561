#pragma once

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace curlew {

/// What SQLite refused. Thrown within this room, and never out of it.
struct SqliteFailure {
  enum class Kind : std::uint8_t {
    kPassing,  ///< disk full, locked by another program, an error of the disk
    kDamaged   ///< the file is not a database, or not a whole one
  };
  Kind kind = Kind::kPassing;
  std::string what;  ///< for people: what is wrong, and what to do
};

/// Bytes as they are: texts of clients, which need not be UTF-8 and may hold zeros.
struct Bytes {
  std::string_view value;
};

/// One connection to a database file.
///
/// Threads: one at a time, with all its statements.
class SqliteConnection {
 public:
  /// Opens the file, and makes it where it is not there.
  SqliteConnection(const std::filesystem::path& file, std::chrono::milliseconds busy_wait);

  /// Runs statements that need no values and give none.
  void run(const std::string& sql);
  /// The first column of the first row.
  std::int64_t number(const std::string& sql);
  /// Ends the open transaction, if there still is one, without a trace.
  void roll_back() noexcept;

  sqlite3* get() const { return handle_.get(); }
  const std::string& file() const { return file_; }
  [[noreturn]] void fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::string file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement, to be run any number of times. Ownership: goes before its connection.
class SqliteStatement {
 public:
  /// The rows of one run; the statement is free again when they go.
  class Rows {
   public:
    explicit Rows(SqliteStatement& statement) : statement_(&statement) {}
    Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    Rows& operator=(Rows&&) = delete;
    ~Rows();

    /// Goes to the next row, at first to the first one; false where there is none.
    bool next() { return statement_->step(); }
    std::int64_t number(int column) const;
    std::optional<std::int64_t> optional_number(int column) const;
    double real(int column) const;
    bool is_null(int column) const;
    /// Valid until the next row.
    std::string_view bytes(int column) const;
    std::string text(int column) const { return std::string(bytes(column)); }

   private:
    SqliteStatement* statement_;
  };

  SqliteStatement(SqliteConnection& connection, std::string_view sql);

  /// Begins a run with these values for the statement's question marks. They must live as long as the rows.
  template <class... Values>
  Rows query(const Values&... values) {
    int place = 0;
    (bind(++place, values), ...);
    return Rows(*this);
  }

  /// Runs to the end; how many rows it changed.
  template <class... Values>
  int run(const Values&... values) {
    Rows rows = query(values...);
    while (rows.next()) {
    }
    return sqlite3_changes(connection_.get());
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  template <std::integral T>
  void bind(int place, T value) {
    check(sqlite3_bind_int64(handle_.get(), place, static_cast<std::int64_t>(value)));
  }
  void bind(int place, double value) { check(sqlite3_bind_double(handle_.get(), place, value)); }
  void bind(int place, const std::string& text);
  void bind(int place, const Bytes& bytes);
  template <class T>
  void bind(int place, const std::optional<T>& value) {
    if (value) {
      bind(place, *value);
    } else {
      check(sqlite3_bind_null(handle_.get(), place));
    }
  }
  bool step();
  void check(int code) const;

  SqliteConnection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace curlew
