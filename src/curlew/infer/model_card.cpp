#include "curlew/infer/model_card.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <exception>

#include "curlew/infer/card_table.hpp"

namespace curlew {
namespace {

constexpr CardWord<Task> kTasks[] = {{"classify", Task::kClassify}, {"detect", Task::kDetect}};
constexpr CardWord<Layout> kLayouts[] = {{"NHWC", Layout::kNhwc}, {"NCHW", Layout::kNchw}};
constexpr CardWord<ElementKind> kElements[] = {{"u8", ElementKind::kU8}, {"f32", ElementKind::kF32}};
constexpr CardWord<ColourOrder> kColours[] = {{"RGB", ColourOrder::kRgb}, {"BGR", ColourOrder::kBgr}};
constexpr CardWord<Fit::Kind> kFits[] = {
    {"squash", Fit::Kind::kSquash}, {"centre-crop", Fit::Kind::kCentreCrop}, {"letterbox", Fit::Kind::kLetterbox}};
constexpr CardWord<Fit::Filter> kFilters[] = {{"area", Fit::Filter::kArea}, {"bilinear", Fit::Filter::kBilinear}};
constexpr CardWord<OutputForm> kForms[] = {{"softmax-probabilities", OutputForm::kProbabilities},
                                           {"logits", OutputForm::kLogits},
                                           {"scaled-u8", OutputForm::kScaledU8}};
constexpr CardWord<DetectionForm> kDetectionForms[] = {{"ssd", DetectionForm::kSsd},
                                                       {"yolox", DetectionForm::kYolox},
                                                       {"boxes-labels-scores", DetectionForm::kBoxesLabelsScores}};
constexpr CardWord<NmsScope> kNmsScopes[] = {{"by-class", NmsScope::kByClass},
                                             {"across-classes", NmsScope::kAcrossClasses}};
constexpr CardWord<LabelFormat> kLabelFormats[] = {
    {"lines", LabelFormat::kLines}, {"id,name", LabelFormat::kIdCommaName}, {"ID NAME", LabelFormat::kIdSpaceName}};

constexpr std::int64_t kMaxSidePx = 4096;          // no classifier or detector in use is larger
constexpr std::int64_t kMaxClass = 1'000'000;      // ten times the largest published label set
constexpr std::int64_t kMaxFileBytes = 4LL << 30;  // what a CPU would run in reasonable time is far below
constexpr std::size_t kMaxFiles = 8;
constexpr std::size_t kMaxMirrors = 8;
constexpr std::size_t kMaxSelfTests = 16;  // a pass each, when the model is verified
constexpr std::size_t kMaxNames = 2'000;   // a card holds no more; larger sets come as a file
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxTextBytes = 512;
constexpr std::size_t kMaxSourceBytes = 2048;

template <class T>
std::optional<T> value_of(std::string_view word, std::span<const CardWord<T>> words) {
  const auto found = std::ranges::find(words, word, &CardWord<T>::word);
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && name.front() != '.' && name.find('/') == std::string_view::npos &&
         name.find('\\') == std::string_view::npos;
}

std::optional<std::array<float, 3>> three(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return std::array{static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])};
}

std::array<std::uint8_t, 3> colour(CardTable& table, std::string_view key, std::array<std::uint8_t, 3> otherwise) {
  const auto values = table.numbers(key, 3, 0, 255);
  if (values.empty()) return otherwise;
  return {static_cast<std::uint8_t>(values[0]), static_cast<std::uint8_t>(values[1]),
          static_cast<std::uint8_t>(values[2])};
}

CardInput read_input(CardTable table) {
  CardInput input;
  input.width_px = static_cast<int>(table.integer("width", 1, kMaxSidePx).value_or(0));
  input.height_px = static_cast<int>(table.integer("height", 1, kMaxSidePx).value_or(0));
  input.layout = table.word<Layout>("layout", kLayouts);
  input.element = table.word<ElementKind>("element", kElements);
  input.colour = table.word<ColourOrder>("colour", kColours);
  input.mean = three(table.numbers("mean", 3, -1e6, 1e6));
  input.scale = three(table.numbers("scale", 3, 1e-6, 1e6));
  table.finish();
  if ((input.width_px == 0) != (input.height_px == 0)) table.fail("width", "and height go together");
  if (input.element == ElementKind::kU8 && input.normalises()) {
    table.fail("mean", "and scale need element = \"f32\": a network that takes bytes scales them itself");
  }
  return input;
}

Fit read_resize(CardTable table) {
  Fit fit;
  fit.kind = table.word<Fit::Kind>("fit", kFits).value_or(fit.kind);
  fit.filter = table.word<Fit::Filter>("filter", kFilters).value_or(fit.filter);
  fit.crop_fraction = static_cast<float>(table.number("crop_fraction", 0.05, 1).value_or(fit.crop_fraction));
  fit.fill = static_cast<std::uint8_t>(table.integer("fill", 0, 255).value_or(fit.fill));
  table.finish();
  return fit;
}

ClassOutput read_class_output(CardTable table) {
  ClassOutput output;
  output.form = table.word<OutputForm>("form", kForms);
  output.scale = static_cast<float>(table.number("scale", 1e-6, 1).value_or(output.scale));
  if (const auto background = table.integer("background", 0, kMaxClass))
    output.background = static_cast<int>(*background);
  table.finish();
  return output;
}

DetectOutput read_detect_output(CardTable table) {
  DetectOutput output;
  output.form = table.word<DetectionForm>("form", kDetectionForms);
  output.threshold = static_cast<float>(table.number("threshold", 0, 1).value_or(output.threshold));
  output.nms = table.word<NmsScope>("nms", kNmsScopes);
  if (const auto iou = table.number("nms_iou", 0, 1)) output.nms_iou = static_cast<float>(*iou);
  table.finish();
  return output;
}

CardLabels read_labels(CardTable table) {
  CardLabels labels;
  labels.names = table.texts("names", kMaxNames, kMaxNameBytes);
  if (!labels.names.empty()) {
    if (table.has("file") || table.has("format")) table.fail("names", "and a file of labels exclude each other");
    table.finish();
    return labels;
  }
  labels.file = table.needed_text("file", 128);
  if (!is_file_name(labels.file)) table.fail("file", "must be a file's name without a folder");
  labels.format = table.word<LabelFormat>("format", kLabelFormats).value_or(labels.format);
  table.finish();
  return labels;
}

CardSelfTest read_self_test(CardTable table) {
  CardSelfTest test;
  test.disc = colour(table, "disc", test.disc);
  test.ground = colour(table, "ground", test.ground);
  test.radius = static_cast<float>(table.number("radius", 0, 1).value_or(test.radius));
  if (const auto top = table.integer("top", 0, kMaxClass)) test.top = static_cast<int>(*top);
  test.score = static_cast<float>(table.number("score", 0, 1).value_or(test.score));
  test.tolerance = static_cast<float>(table.number("tolerance", 0, 1).value_or(test.tolerance));
  table.finish();
  return test;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

CardFile read_file(CardTable& table) {
  CardFile file;
  file.name = table.needed_text("name", 128);
  if (!is_file_name(file.name)) table.fail("name", "must be a file's name without a folder");
  file.bytes = static_cast<ByteCount>(table.integer("bytes", 1, kMaxFileBytes).value_or(0));
  file.sha256 = table.text("sha256", 64);
  if (!file.sha256.empty() && !is_sha256(file.sha256)) table.fail("sha256", "must be 64 lower-case hex digits");
  file.sources = table.texts("sources", kMaxMirrors, kMaxSourceBytes);
  table.finish();
  for (const std::string& source : file.sources) {
    if (!source.starts_with("https://") && !source.starts_with("http://")) {
      table.fail("sources", "must be http or https URLs");
    }
  }
  if (!file.sources.empty() && (file.bytes == 0 || file.sha256.empty())) {
    table.fail("sources", "need bytes and sha256: they bind what is downloaded");
  }
  return file;
}

void check_names(const CardTable& table, const ModelCard& card) {
  if (!is_model_name(card.name)) table.fail("name", "must be 1 to 64 of a-z A-Z 0-9 - _ . and not begin with a dot");
  const auto listed = [&](const std::string& name) {
    return std::ranges::any_of(card.files, [&](const CardFile& file) { return file.name == name; });
  };
  for (auto file = card.files.begin(); file != card.files.end(); ++file) {
    if (std::any_of(card.files.begin(), file, [&](const CardFile& other) { return other.name == file->name; })) {
      table.fail("files", "name \"" + file->name + "\" twice");
    }
  }
  if (!card.network.empty() && !is_file_name(card.network)) table.fail("network", "must be a file's name");
  if (card.files.empty()) return;
  if (card.network.empty() || !listed(card.network)) table.fail("network", "must be one of the files");
  if (card.labels && card.labels->names.empty() && !listed(card.labels->file))
    table.fail("labels", "must be one of the files");
}

ModelCard read_card(const toml::table& root) {
  CardTable table(root, "");
  ModelCard card;
  card.name = table.needed_text("name", 64);
  card.title = table.text("title", kMaxTextBytes);
  if (!table.has("task")) table.fail("task", "is missing");
  card.task = *table.word<Task>("task", kTasks);
  card.licence = table.text("licence", kMaxTextBytes);
  card.hint = table.text("hint", kMaxTextBytes);
  card.network = table.text("network", 128);
  if (auto input = table.table("input")) card.input = read_input(*input);
  if (auto resize = table.table("resize")) card.fit = read_resize(*resize);
  if (auto output = table.table("output")) {
    if (card.task == Task::kClassify) {
      card.output = read_class_output(*output);
    } else {
      card.detection = read_detect_output(*output);
    }
  }
  if (auto labels = table.table("labels")) card.labels = read_labels(*labels);
  if (auto tests = table.table_or_tables("self_test", kMaxSelfTests); !tests.empty()) {
    card.self_tests.clear();
    for (CardTable& test : tests) card.self_tests.push_back(read_self_test(test));
  }
  for (CardTable& file : table.tables("files", kMaxFiles)) card.files.push_back(read_file(file));
  table.finish();
  check_names(table, card);
  return card;
}

tl::unexpected<ModelUnavailable> refused(const std::string& why) {
  return tl::make_unexpected(ModelUnavailable{"the model card cannot be used: " + why});
}

}  // namespace

Result<ModelCard, ModelUnavailable> parse_model_card(std::string_view toml) {
  if (toml.size() > kMaxCardBytes) return refused(fmt::format("it is larger than {} bytes", kMaxCardBytes));
  // toml++ goes as deep as a name has dots, and overflows the stack at some 30,000.
  constexpr std::ptrdiff_t kMaxDots = 2'000;
  if (std::ranges::count(toml, '.') > kMaxDots) return refused(fmt::format("it has more than {} dots", kMaxDots));
  try {
    return read_card(toml::parse(toml));
  } catch (const CardFault& fault) {
    return refused(fault.message);
  } catch (const toml::parse_error& error) {
    return refused(fmt::format("line {}: {}", error.source().begin.line, error.description().substr(0, 200)));
  } catch (const std::exception&) {
    return refused("it is not TOML");
  }
}

std::string_view to_string(Task task) { return kTasks[static_cast<std::size_t>(task)].word; }

std::string_view to_string(OutputForm form) { return kForms[static_cast<std::size_t>(form)].word; }

std::string_view to_string(DetectionForm form) { return kDetectionForms[static_cast<std::size_t>(form)].word; }

std::optional<OutputForm> output_form_of(std::string_view word) { return value_of<OutputForm>(word, kForms); }

std::optional<DetectionForm> detection_form_of(std::string_view word) {
  return value_of<DetectionForm>(word, kDetectionForms);
}

bool downloadable(const ModelCard& card) {
  return !card.files.empty() && std::ranges::none_of(card.files, [](const CardFile& f) { return f.sources.empty(); });
}

bool is_model_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, fits);
}

}  // namespace curlew
