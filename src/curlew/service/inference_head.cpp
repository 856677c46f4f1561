#include "curlew/service/inference_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "curlew/intake/request_json.hpp"

namespace curlew {
namespace {

constexpr double kMaxExact = 9007199254740992.0;  // 2^53: whole numbers beyond it are not told apart
constexpr std::size_t kMaxRank = 8;               // of a shape; ours have two

/// Where the parser is.
enum class Place : std::uint8_t {
  kOutside,
  kRequest,
  kParameters,
  kInputs,
  kInput,
  kInputParameters,
  kShape,
  kData,
  kRow,  ///< a list in `data`
  kOutputs,
  kOutput,
  kOutputParameters,
  kSkipped  ///< in what nobody reads
};

/// Members that are read, wherever they stand.
enum class Member : std::uint8_t {
  kId,
  kParameters,
  kInputs,
  kOutputs,
  kTop,
  kThreshold,
  kBinaryDataOutput,
  kName,
  kShape,
  kDatatype,
  kData,
  kBinaryDataSize,
  kBinaryData,
  kClassification,
  kSharedMemory,
  kOther
};

constexpr std::array<std::string_view, 15> kNames{
    "id",    "parameters", "inputs", "outputs",          "top",         "threshold",      "binary_data_output",  "name",
    "shape", "datatype",   "data",   "binary_data_size", "binary_data", "classification", "shared_memory_region"};

std::string_view name_of(Member member) { return kNames[static_cast<std::size_t>(member)]; }

/// How many code points there are in `text`, which is UTF-8.
std::size_t characters(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

/// Whether the member means something there; elsewhere it is one of those that are passed over.
bool belongs(Place place, Member member) {
  switch (place) {
    case Place::kRequest:
      return member <= Member::kOutputs;
    case Place::kParameters:
      return member >= Member::kTop && member <= Member::kBinaryDataOutput;
    case Place::kInput:
      return member == Member::kParameters || (member >= Member::kName && member <= Member::kData);
    case Place::kInputParameters:
      return member == Member::kBinaryDataSize || member == Member::kSharedMemory;
    case Place::kOutput:
      return member == Member::kParameters || member == Member::kName;
    case Place::kOutputParameters:
      return member >= Member::kBinaryData && member <= Member::kSharedMemory;
    default:
      return false;
  }
}

/// What is neither a list nor an object, or, with nothing set, one of those where it may not be.
struct Scalar {
  bool is_null = false;
  std::string* text = nullptr;
  std::optional<double> number = {};
  std::optional<bool> truth = {};

  std::optional<std::uint64_t> whole(double least, double most) const {
    if (!number || *number < least || *number > most || *number != std::floor(*number)) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }
};

/// Takes the parser's events. It remembers the first thing that is wrong and reads on, since the text may still turn
/// out not to be JSON; false from an event ends the parsing.
class HeadHandler {  // its functions are named by the library
 public:
  HeadHandler(std::string_view text, const InferenceHeadLimits& limits) : text_(text), limits_(limits) {}

  bool null() { return take({.is_null = true}); }
  bool boolean(bool value) { return take({.truth = value}); }
  bool number_integer(std::int64_t value) { return take({.number = static_cast<double>(value)}); }
  bool number_unsigned(std::uint64_t value) { return take({.number = static_cast<double>(value)}); }
  bool number_float(double value, const std::string&) { return take({.number = value}); }
  bool string(std::string& value) { return take({.text = &value}); }
  bool binary(std::vector<std::uint8_t>&) { return take({}); }  // JSON has none

  bool start_object(std::size_t) { return enter(object_place()); }
  bool start_array(std::size_t) { return enter(array_place()); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }

  bool key(std::string& name) {
    Frame& frame = frames_.back();
    const auto found = static_cast<Member>(std::ranges::find(kNames, name) - kNames.begin());
    frame.member = belongs(frame.place, found) ? found : Member::kOther;
    if (frame.member == Member::kOther) return true;
    const std::uint32_t bit = 1U << static_cast<unsigned>(frame.member);
    if ((frame.seen & bit) != 0) return malformed(fmt::format("the member \"{}\" is there twice", name));
    frame.seen |= bit;
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    if (position > text_.size()) return malformed("the JSON of the request ends too early");
    return malformed(fmt::format("the request is not JSON in UTF-8: byte {} does not fit there", position));
  }

  Result<InferenceHead, HttpProblem> result() {
    if (!problem_ && inputs_ != 1) wrong(R"(one input is wanted, with the name "image")");
    if (problem_) return tl::make_unexpected(std::move(*problem_));
    return std::move(head_);
  }

 private:
  struct Frame {
    Place place = Place::kOutside;
    Member member = Member::kOther;  ///< whose value comes next, in an object
    std::uint32_t seen = 0;          ///< members, as bits
    std::size_t elements = 0;        ///< of a row
  };

  bool malformed(std::string message) {
    problem_ = make_problem(HttpErrorCode::kMalformed, std::move(message));
    return false;
  }
  void wrong(std::string_view message) {
    if (!problem_) problem_ = make_problem(HttpErrorCode::kInvalidRequest, std::string(message));
  }

  std::optional<Place> object_place() const {
    const Frame& frame = frames_.back();
    switch (frame.place) {
      case Place::kOutside:
        return Place::kRequest;
      case Place::kInputs:
        return Place::kInput;
      case Place::kOutputs:
        return Place::kOutput;
      default:
        break;
    }
    if (frame.member != Member::kParameters) return std::nullopt;
    if (frame.place == Place::kRequest) return Place::kParameters;
    return frame.place == Place::kInput ? Place::kInputParameters : Place::kOutputParameters;
  }

  std::optional<Place> array_place() const {
    const Frame& frame = frames_.back();
    if (frame.place == Place::kData) return Place::kRow;
    switch (frame.member) {
      case Member::kInputs:
        return Place::kInputs;
      case Member::kOutputs:
        return Place::kOutputs;
      case Member::kShape:
        return Place::kShape;
      case Member::kData:
        return Place::kData;
      default:
        return std::nullopt;
    }
  }

  bool enter(std::optional<Place> place) {
    if (frames_.size() > kMaxJsonDepth) {
      return malformed(fmt::format("the JSON is more than {} lists and objects deep", kMaxJsonDepth));
    }
    if (!place) {
      take({});
      place = Place::kSkipped;
    }
    if (*place == Place::kInput && ++inputs_ > 1) place = Place::kSkipped;
    if (*place == Place::kOutput) {
      if (head_.outputs.size() == limits_.outputs) {
        wrong(fmt::format("at most {} outputs may be asked for", limits_.outputs));
        place = Place::kSkipped;
      } else {
        head_.outputs.emplace_back();
      }
    }
    if (*place == Place::kData) head_.input.data.emplace();
    if (*place == Place::kRow) enter_row();
    frames_.push_back({.place = *place});
    return true;
  }

  void enter_row() {
    if (head_.input.data_rank == 1 && !head_.input.data->empty()) wrong_data();
    head_.input.data_rank = 2;
  }

  bool leave() {
    const Frame left = frames_.back();
    frames_.pop_back();
    if (left.place == Place::kRow && left.elements != 1) wrong_data();
    if (left.place == Place::kOutput && head_.outputs.back().name.empty()) wrong("each output asked for needs a name");
    return true;
  }

  bool take(const Scalar& value) {
    Frame& frame = frames_.back();
    if (problem_) return true;  // millions of wrong elements are as quick as good ones
    switch (frame.place) {
      case Place::kOutside:
        wrong(R"(the request must be an object with "inputs")");
        break;
      case Place::kInputs:
        wrong("each input must be an object");
        break;
      case Place::kOutputs:
        wrong(R"(each output asked for must be an object with a "name")");
        break;
      case Place::kShape:
        take_dimension(value);
        break;
      case Place::kData:
        if (head_.input.data_rank == 2) wrong_data();
        take_element(value);
        break;
      case Place::kRow:
        ++frame.elements;
        take_element(value);
        break;
      case Place::kSkipped:
        break;
      default:
        take_member(frame, value);
        break;
    }
    return true;
  }

  void take_dimension(const Scalar& value) {
    const auto dimension = value.whole(1, kMaxExact);
    auto& shape = head_.input.shape;
    if (!dimension || shape.size() == kMaxRank) return wrong("the shape of the input must be [n] or [n, 1]");
    shape.push_back(*dimension);
  }

  void wrong_data() {
    wrong(R"("data" must be a list of texts, or of lists of one text each where the shape is [n, 1])");
  }

  void take_element(const Scalar& value) {
    if (value.text == nullptr) return wrong_data();
    auto& data = *head_.input.data;
    if (data.size() == limits_.elements) {
      return wrong(fmt::format("at most {} pictures are taken; send them in several requests", limits_.elements));
    }
    data.push_back(std::move(*value.text));
  }

  void take_member(const Frame& frame, const Scalar& value) {
    if (value.is_null) return;
    switch (frame.member) {
      case Member::kId:
        if (take_text(frame.member, value, limits_.id_characters)) head_.id = std::move(*value.text);
        return;
      case Member::kName:
        if (take_text(frame.member, value, limits_.name_characters)) {
          (frame.place == Place::kInput ? head_.input.name : head_.outputs.back().name) = std::move(*value.text);
        }
        return;
      case Member::kDatatype:
        if (take_text(frame.member, value, limits_.name_characters)) head_.input.datatype = std::move(*value.text);
        return;
      case Member::kTop:
        if (const auto top = value.whole(1, kMaxTop)) {
          head_.top = static_cast<int>(*top);
        } else {
          wrong(fmt::format("the parameter top must be a whole number from 1 to {}", kMaxTop));
        }
        return;
      case Member::kThreshold:
        if (value.number && *value.number >= 0 && *value.number <= 1) {
          head_.threshold = static_cast<float>(*value.number);
        } else {
          wrong("the parameter threshold must be a number from 0 to 1");
        }
        return;
      case Member::kBinaryDataSize:
        head_.input.binary_bytes = value.whole(0, kMaxExact);
        if (!head_.input.binary_bytes) wrong("binary_data_size must be a number of bytes");
        return;
      case Member::kBinaryDataOutput:
      case Member::kBinaryData:
        return take_flag(frame, value);
      case Member::kClassification:
        return wrong("there is no classification extension here: the outputs are labels already; ask for them by name");
      case Member::kSharedMemory:
        return wrong("there is no shared memory with clients here; send the tensor in the request");
      case Member::kInputs:
      case Member::kOutputs:
      case Member::kShape:
      case Member::kData:
        return wrong(fmt::format("\"{}\" must be a list", name_of(frame.member)));
      case Member::kParameters:
        return wrong("\"parameters\" must be an object");
      case Member::kOther:
        return;
    }
  }

  void take_flag(const Frame& frame, const Scalar& value) {
    if (!value.truth) return wrong(fmt::format("{} must be true or false", name_of(frame.member)));
    if (frame.member == Member::kBinaryDataOutput) {
      head_.binary_output = *value.truth;
    } else {
      head_.outputs.back().binary = value.truth;
    }
  }

  bool take_text(Member member, const Scalar& value, std::size_t most) {
    const bool fits = value.text != nullptr && characters(*value.text) <= most;
    if (!fits) wrong(fmt::format("\"{}\" must be a text of at most {} characters", name_of(member), most));
    return fits;
  }

  std::string_view text_;
  const InferenceHeadLimits& limits_;
  InferenceHead head_;
  std::optional<HttpProblem> problem_;
  std::vector<Frame> frames_{Frame{}};
  std::size_t inputs_ = 0;
};

}  // namespace

Result<InferenceHead, HttpProblem> read_inference_head(std::string_view text, const InferenceHeadLimits& limits) {
  HeadHandler handler(text, limits);
  nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
  return handler.result();
}

}  // namespace curlew
