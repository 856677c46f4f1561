#include "curlew/app/library_board.hpp"

#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {

LibraryBoard::LibraryBoard(ModelLibrary& library, std::string classify, std::string detect, Loaded loaded)
    : library_(library),
      classify_(std::move(classify)),
      detect_(std::move(detect)),
      elsewhere_(loaded == Loaded::kElsewhere) {
  if (elsewhere_) return;
  for (const std::string& name : {classify_, detect_}) {
    if (!name.empty()) loading_[name] = true;
  }
}

std::vector<ModelFacts> LibraryBoard::models() const {
  std::vector<ModelFacts> all;
  for (const ModelCard& card : library_.cards()) all.push_back(facts_of(card));
  return all;
}

std::optional<ModelFacts> LibraryBoard::find(const std::string& name) const {
  const auto card = library_.card(name);
  return card ? std::optional(facts_of(*card)) : std::nullopt;
}

std::optional<ModelFacts> LibraryBoard::default_of(Task task) const {
  return find(task == Task::kClassify ? classify_ : detect_);
}

bool LibraryBoard::await(const std::string& name) {
  const auto report = library_.wait(name);
  if (!report) log_error("the model {} is not to be had: {}", name, report.error().message);
  const std::scoped_lock lock(mutex_);
  loaded_[name] = report ? std::optional(*report) : std::nullopt;
  loading_.erase(name);
  return report.has_value();
}

ModelFacts LibraryBoard::facts_of(const ModelCard& card) const {
  ModelFacts facts{.name = card.name, .task = card.task, .title = card.title, .licence = card.licence};
  facts.threshold = card.detection.threshold;
  for (const CardFile& file : card.files) {
    if (file.name == card.network && !file.sources.empty()) facts.source = file.sources.front();
  }
  if (card.labels) {
    for (const std::string& label : card.labels->names) facts.labels += label.empty() ? 0 : 1;
  }
  if (elsewhere_) return facts;
  const std::scoped_lock lock(mutex_);
  if (const auto loaded = loaded_.find(card.name); loaded != loaded_.end()) {
    facts.state = loaded->second ? ModelFacts::State::kReady : ModelFacts::State::kUnavailable;
    if (loaded->second) {
      facts.sha256 = loaded->second->model.sha256;
      facts.labels = loaded->second->labels;
    }
  } else if (loading_.contains(card.name)) {
    facts.state = ModelFacts::State::kLoading;
  } else if (library_.status(card).where == Whereabouts::kMissing) {
    facts.state = ModelFacts::State::kUnavailable;
  }
  return facts;
}

}  // namespace curlew
