#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "curlew/publish/summary.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/store/batch.hpp"

namespace curlew {

// What the service says in JSON beside results. One line each, without a line end.

/// `queued`, `running`, `done` or `cancelled`.
std::string_view phase_word(BatchStatus::Phase phase);

/// A batch as `GET /v1/batches/{id}` shows it.
std::string batch_json(const BatchStatus& status);

/// `{"results": […], "next": …}`.
std::string page_json(const ResultPage& page);

/// `{"models": […]}`.
std::string models_json(std::span<const ModelFacts> models);

/// `{"summary": {…}}`, the last line of a stream.
std::string summary_json(const RunSummary& summary);

/// The same without its name, as the data of an event.
std::string summary_data(const RunSummary& summary);

/// An event of text/event-stream; `id` 0: none. `data` is one line.
///
/// Source: WHATWG HTML, server-sent events.
std::string event_text(std::string_view event, std::uint32_t id, std::string_view data);

}  // namespace curlew
