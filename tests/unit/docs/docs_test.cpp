// Docs that are written from the code. CURLEW_UPDATE_DOCS=1 writes them again instead of comparing.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "curlew/base/error.hpp"
#include "curlew/config/config.hpp"
#include "curlew/http/http_problem.hpp"
#include "curlew/infer/builtin_cards.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {
namespace {

std::string retryable_text(const ErrorInfo& row) {
  if (row.code == ErrorCode::kHttpStatus) return "408, 425, 429, 5xx";
  if (row.code == ErrorCode::kDnsFailed) return "if it may pass";
  return row.retryable ? "yes" : "no";
}

std::string errors_markdown() {
  std::string out =
      R"(# Errors

<!-- Written by the tests from the tables of the code: run them with CURLEW_UPDATE_DOCS=1 to write it again. -->

## Of an item

An item that fails has `"status": "error"` and an `error` with one of these codes, a message that says more, `retryable`,
and `http_status` where the origin answered with one. It harms no other item. What is retryable was tried already, as
often as `fetch.tries` has it and within `fetch.total_timeout_s`; it may be sent again later.

| code | retryable | what it means |
| --- | --- | --- |
)";
  for (const ErrorInfo& row : error_table()) {
    out += fmt::format("| `{}` | {} | {} |\n", row.wire_name, retryable_text(row), row.sentence);
  }
  out += R"(
## Of a request over HTTP
A request that cannot be answered gets `application/problem+json` (RFC 9457) with `code` and `request_id`, and where they
help, `detail`, `pointer` (to the place in the body) or `parameter`. An item that fails is none of these: it is a result
with an error of its own, in an answer of status 200.

| code | status | what it means |
| --- | --- | --- |
)";
  for (const HttpErrorInfo& row : http_error_table()) {
    out += fmt::format("| `{}` | {} | {} |\n", row.wire_name, row.status, row.sentence);
  }
  return out;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_same(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(CURLEW_DOCS_DIR) / name;
  if (const auto environment = process_environment(); environment.contains("CURLEW_UPDATE_DOCS")) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(read_text(path), text) << "docs/" << name
                                   << " is not what the code says; CURLEW_UPDATE_DOCS=1 writes it again";
}

TEST(Docs, ErrorsAreThoseOfTheTable) { expect_same("errors.md", errors_markdown()); }

/// The text of each block of `language` in a page.
std::vector<std::string> code_blocks(const std::string& markdown, const std::string& language) {
  std::vector<std::string> blocks;
  const std::string fence = "\n```" + language + "\n";
  for (auto at = markdown.find(fence); at != std::string::npos; at = markdown.find(fence, at)) {
    at += fence.size();
    blocks.push_back(markdown.substr(at, markdown.find("\n```\n", at) + 1 - at));
  }
  return blocks;
}

TEST(Docs, CardsOfModelsAreCards) {
  const auto cards = code_blocks(read_text(std::filesystem::path(CURLEW_DOCS_DIR) / "models.md"), "toml");
  EXPECT_EQ(cards.size(), 4U);
  for (const std::string& text : cards) {
    const auto card = parse_model_card(text);
    EXPECT_TRUE(card) << card.error().message << "\n" << text;
  }
}

TEST(Docs, ModelsTellsOfEachBuiltInOne) {
  const std::string page = read_text(std::filesystem::path(CURLEW_DOCS_DIR) / "models.md");
  for (const ModelCard& card : builtin_cards()) {
    EXPECT_NE(page.find(fmt::format("| `{}`", card.name)), std::string::npos) << card.name;
  }
}

TEST(Docs, ConfigurationIsThatOfTheTable) { expect_same("configuration.md", configuration_markdown()); }

}  // namespace
}  // namespace curlew
