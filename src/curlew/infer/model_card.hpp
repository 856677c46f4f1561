#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/core/task.hpp"
#include "curlew/infer/detections.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/nms.hpp"

namespace curlew {

enum class Layout : std::uint8_t { kNhwc, kNchw };
enum class ElementKind : std::uint8_t { kU8, kF32 };
enum class ColourOrder : std::uint8_t { kRgb, kBgr };

/// What the numbers of a classifier's output are.
enum class OutputForm : std::uint8_t {
  kProbabilities,  ///< used as they are
  kLogits,         ///< softmax makes probabilities of them
  kScaledU8        ///< bytes; times ClassOutput::scale they are probabilities
};

enum class LabelFormat : std::uint8_t {
  kLines,        ///< the label of class i in line i, from 0
  kIdCommaName,  ///< `id,name` in any order; a first line `id,name` is a header
  kIdSpaceName   ///< `ID NAME` in any order
};

/// How the network is fed: value = (pixel - mean) / scale, for each channel in the order of `colour`.
///
/// Whatever a card leaves out is taken from the network's own input, or from its form (see feeding_of()).
struct CardInput {
  int width_px = 0;   ///< 0: as the network says
  int height_px = 0;  ///< 0: as the network says
  std::optional<Layout> layout;
  std::optional<ElementKind> element;
  std::optional<ColourOrder> colour;
  std::optional<std::array<float, 3>> mean;
  std::optional<std::array<float, 3>> scale;

  bool normalises() const {
    constexpr std::array<float, 3> kZeros = {0, 0, 0};
    constexpr std::array<float, 3> kOnes = {1, 1, 1};
    return mean.value_or(kZeros) != kZeros || scale.value_or(kOnes) != kOnes;
  }
};

/// How a classifier's output is read.
struct ClassOutput {
  std::optional<OutputForm> form;  ///< nothing: as the network's last operation and type tell
  float scale = 1.0F / 256.0F;     ///< kScaledU8 only
  std::optional<int> background;   ///< the class that means "none of the others"
};

/// How a detector's outputs are read.
struct DetectOutput {
  std::optional<DetectionForm> form;  ///< nothing: as the shapes of its outputs tell
  std::optional<NmsScope> nms;        ///< nothing: by class
  std::optional<float> nms_iou;       ///< nothing: as its form tells
  float threshold = 0.5F;             ///< the lowest score, where nobody asks for another
};

/// Where the labels are: in a file beside the network's, or in the card itself.
struct CardLabels {
  std::string file;  ///< a file's name; "" where there are `names`
  LabelFormat format = LabelFormat::kLines;
  std::vector<std::string> names;  ///< label i belongs to class i, "" to a class without one
};

/// A file of a model. Where there are sources, `bytes` and `sha256` are set: they bind what is downloaded.
struct CardFile {
  std::string name;
  ByteCount bytes = 0;               ///< 0: not bound
  std::string sha256;                ///< 64 lower-case hex digits; empty: not bound
  std::vector<std::string> sources;  ///< mirrors, tried in this order
};

/// A golden input: a disc on a plain ground, made by us, and what the network says of it on a machine that computes
/// right. A detector finds the disc: the box of its surest answer is the disc's.
struct CardSelfTest {
  std::array<std::uint8_t, 3> disc = {20, 20, 20};       ///< RGB
  std::array<std::uint8_t, 3> ground = {130, 190, 250};  ///< RGB
  float radius = 0.38F;                                  ///< of the input's short side
  std::optional<int> top;                                ///< the class that wins; nothing: any
  float score = 0;                                       ///< of `top`
  float tolerance = 1;                                   ///< how far the score may be from it, either way
};

/// How one model is fed and read, where it comes from, and its licence. Written as TOML:
///
///   name = "birds"                       # as in --model; a-z 0-9 - _ .
///   title = "one line for people"        # may be left out, as everything with a default here
///   task = "classify"                    # or "detect"
///   licence = "Apache-2.0"
///   hint = "how to get it"               # shown where it is neither here nor to be downloaded
///   network = "birds.tflite"             # which of the files is the network: .tflite .onnx .xml
///
///   [input]
///   width = 224                          # pixels
///   height = 224
///   layout = "NHWC"                      # or "NCHW"
///   element = "u8"                       # or "f32"
///   colour = "RGB"                       # or "BGR"
///   mean = [0, 0, 0]                     # value = (pixel - mean) / scale, pixels from 0 to 255, channels as in
///   `colour` scale = [1, 1, 1]
///
///   [resize]
///   fit = "squash"                       # "squash", "centre-crop", "letterbox"
///   filter = "area"                      # "area", "bilinear"
///   crop_fraction = 1.0                  # centre-crop: of the short side
///   fill = 114                           # letterbox: the grey beside the picture
///
///   [output]                             # of task "classify"
///   form = "scaled-u8"                   # "softmax-probabilities", "logits", "scaled-u8"
///   scale = 0.00390625                   # scaled-u8
///   background = 964                     # the class that is never a prediction
///
///   [output]                             # of task "detect"
///   form = "yolox"                       # "ssd", "yolox", "boxes-labels-scores": see detections.hpp
///   threshold = 0.5                      # the lowest score, where nobody asks for another
///   nms = "by-class"                     # or "across-classes": which boxes compete for the same place
///   nms_iou = 0.45                       # boxes that overlap by more are the same thing; 1: none is
///
///   [labels]
///   file = "birds.csv"
///   format = "id,name"                   # "lines", "id,name", "ID NAME"
///   names = ["person", "bicycle"]        # instead of a file: class 0, class 1, …; "" for a class without a label
///
///   [[files]]                            # a card beside a user's own network needs none
///   name = "birds.tflite"
///   bytes = 3561598
///   sha256 = "…"
///   sources = ["https://…", "https://a mirror…"]
///
///   [[self_test]]                        # a disc on a plain ground, and the answer to it; the first is tried at
///                                        # every load, `curlew models verify` tries all
///   disc = [20, 20, 20]
///   ground = [130, 190, 250]
///   radius = 0.38                        # of the short side
///   top = 499
///   score = 0.63
///   tolerance = 0.3
struct ModelCard {
  std::string name;
  std::string title;
  Task task = Task::kClassify;
  std::string licence;
  std::string hint;
  std::string network;
  CardInput input;
  std::optional<Fit> fit;
  ClassOutput output;      ///< task classify
  DetectOutput detection;  ///< task detect
  std::optional<CardLabels> labels;
  std::vector<CardFile> files;
  std::vector<CardSelfTest> self_tests = {CardSelfTest{}};  ///< at least one
};

/// A card longer than this is refused unread.
inline constexpr ByteCount kMaxCardBytes = 64 * kKiB;

/// Reads a card. Strict: an unknown key is an error that names the nearest known one, and every size has a limit.
///
/// Errors: what is wrong, with the key and the line; never more than a few hundred bytes of the card.
Result<ModelCard, ModelUnavailable> parse_model_card(std::string_view toml);

/// The words of a card, for logs and lists.
std::string_view to_string(Task task);
std::string_view to_string(OutputForm form);
std::string_view to_string(DetectionForm form);
std::optional<OutputForm> output_form_of(std::string_view word);
std::optional<DetectionForm> detection_form_of(std::string_view word);

/// Whether the files of `card` can be downloaded if they are not here.
bool downloadable(const ModelCard& card);

/// A name that a model may have: 1 to 64 of a-z A-Z 0-9 - _ ., not beginning with a dot.
bool is_model_name(std::string_view name);

}  // namespace curlew
