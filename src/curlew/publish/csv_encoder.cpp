#include "curlew/publish/csv_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "curlew/core/picture.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

using Cells = std::vector<std::string>;

/// A text of somebody else as a cell.
std::string text_cell(std::string_view text) {
  std::string cell = printable(text);
  // Blanks before the sign do not stop a spreadsheet.
  const auto first = cell.find_first_not_of(' ');
  const bool formula =
      first != std::string::npos && std::string_view("=+-@").find(cell[first]) != std::string_view::npos;
  if (formula) cell.insert(0, 1, '\'');
  const bool blank_edge = !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
  if (!blank_edge && cell.find_first_of(",\";") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string score_cell(float score) { return fmt::format("{:.5g}", std::isfinite(score) ? score : 0.0F); }

std::string ms_cell(double ms) { return fmt::format("{:.1f}", ms); }

std::string to_row(const Cells& cells) { return fmt::format("{}\n", fmt::join(cells, ",")); }

void add_answer(Cells& cells, const ItemResult& result, int top) {
  const auto* success = std::get_if<Success>(&result.outcome);
  for (std::size_t i = 0; i < static_cast<std::size_t>(top); ++i) {
    const bool there = success != nullptr && i < success->answer.predictions.size();
    cells.push_back(there ? text_cell(success->answer.predictions[i].label) : "");
    cells.push_back(there ? score_cell(success->answer.predictions[i].score) : "");
  }
  const bool background = success != nullptr && success->answer.background_score.has_value();
  cells.push_back(background ? score_cell(*success->answer.background_score) : "");
}

void add_error(Cells& cells, const ItemResult& result) {
  const auto* error = std::get_if<Error>(&result.outcome);
  if (error == nullptr) {
    cells.insert(cells.end(), 3, "");
    return;
  }
  cells.emplace_back(error_info(error->code).wire_name);
  cells.push_back(text_cell(error->message));
  cells.push_back(error->http_status != 0 ? fmt::to_string(error->http_status) : "");
}

void add_picture(Cells& cells, const ItemResult& result) {
  const auto* success = std::get_if<Success>(&result.outcome);
  if (success == nullptr) {
    cells.insert(cells.end(), 5, "");
    return;
  }
  cells.push_back(text_cell(success->model.name));
  if (success->image.width_px == 0) {  // who gave the result did not tell
    cells.insert(cells.end(), 4, "");
    return;
  }
  cells.push_back(fmt::to_string(success->image.width_px));
  cells.push_back(fmt::to_string(success->image.height_px));
  cells.emplace_back(to_string(success->image.format));
  cells.push_back(fmt::to_string(success->image.bytes));
}

void add_timings(Cells& cells, const Timings& times) {
  for (const double ms : {times.queue_ms, times.fetch_ms, times.decode_ms, times.infer_ms, times.total_ms}) {
    cells.push_back(ms_cell(ms));
  }
}

Cells first_cells(const ItemResult& result) {
  return {fmt::to_string(result.index), text_cell(result.url), result.ok() ? "ok" : "error"};
}

void add_first_names(Cells& names) { names.insert(names.end(), {"index", "url", "status", "label", "score"}); }

void add_last_names(Cells& names) {
  names.insert(names.end(), {"error_code", "error_message", "http_status", "model", "width", "height", "format",
                             "bytes", "queue_ms", "fetch_ms", "decode_ms", "infer_ms", "total_ms"});
}

void add_last_cells(Cells& cells, const ItemResult& result) {
  add_error(cells, result);
  add_picture(cells, result);
  add_timings(cells, result.timings);
}

class ClassCsvEncoder final : public CsvEncoder {
 public:
  explicit ClassCsvEncoder(int top) : top_(std::max(top, 1)) {}

  std::string header() const override {
    Cells names;
    add_first_names(names);
    for (int place = 2; place <= top_; ++place) {
      names.push_back(fmt::format("label_{}", place));
      names.push_back(fmt::format("score_{}", place));
    }
    names.emplace_back("background_score");
    add_last_names(names);
    return to_row(names);
  }

  std::string rows(const ItemResult& result) const override {
    Cells cells = first_cells(result);
    add_answer(cells, result, top_);
    add_last_cells(cells, result);
    return to_row(cells);
  }

 private:
  const int top_;
};

class ObjectCsvEncoder final : public CsvEncoder {
 public:
  std::string header() const override {
    Cells names;
    add_first_names(names);
    names.insert(names.end(), {"x1", "y1", "x2", "y2"});
    add_last_names(names);
    return to_row(names);
  }

  std::string rows(const ItemResult& result) const override {
    const auto* success = std::get_if<Success>(&result.outcome);
    if (success == nullptr || success->answer.predictions.empty()) {
      Cells cells = first_cells(result);
      cells.insert(cells.end(), 6, "");
      add_last_cells(cells, result);
      return to_row(cells);
    }
    std::string rows;
    for (const Prediction& object : success->answer.predictions) rows += row(result, object);
    return rows;
  }

 private:
  static std::string row(const ItemResult& result, const Prediction& object) {
    Cells cells = first_cells(result);
    cells.push_back(text_cell(object.label));
    cells.push_back(score_cell(object.score));
    if (const auto& box = object.box) {
      for (const float side : {box->x1, box->y1, box->x2, box->y2})
        cells.push_back(fmt::format("{:.2f}", std::round(static_cast<double>(side) * 100) / 100));
    } else {
      cells.insert(cells.end(), 4, "");
    }
    add_last_cells(cells, result);
    return to_row(cells);
  }
};

}  // namespace

std::unique_ptr<CsvEncoder> make_csv_encoder(Task task, int top) {
  if (task == Task::kDetect) return std::make_unique<ObjectCsvEncoder>();
  return std::make_unique<ClassCsvEncoder>(top);
}

}  // namespace curlew
