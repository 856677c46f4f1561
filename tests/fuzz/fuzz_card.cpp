// Any text as a model card: what is taken keeps the limits that the card's reader promises.
#include <algorithm>
#include <cmath>

#include "curlew/infer/model_card.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

bool names_a_file(const ModelCard& card, const std::string& name) {
  return std::ranges::any_of(card.files, [&](const CardFile& file) { return file.name == name; });
}

void check_card(const ModelCard& card) {
  check(is_model_name(card.name), "a model has a name");
  check(card.input.width_px >= 0 && card.input.height_px >= 0, "an input has a size or none");
  check((card.input.width_px == 0) == (card.input.height_px == 0), "width and height go together");
  for (std::size_t i = 0; i < 3; ++i) {
    check(!card.input.mean || std::isfinite((*card.input.mean)[i]), "a mean is a number");
    check(!card.input.scale || (std::isfinite((*card.input.scale)[i]) && (*card.input.scale)[i] != 0),
          "a scale can be divided by");
  }
  check(!card.fit || (card.fit->crop_fraction > 0 && card.fit->crop_fraction <= 1), "a crop is a part of the picture");
  check(card.detection.threshold >= 0 && card.detection.threshold <= 1, "a threshold is a score");
  check(!card.detection.nms_iou || (*card.detection.nms_iou >= 0 && *card.detection.nms_iou <= 1),
        "an overlap is a part of an area");
  check(card.output.scale > 0 && card.output.scale <= 1, "an output's scale is in its range");
  check(card.files.empty() || names_a_file(card, card.network), "the network is one of the files");
  check(!card.labels || card.files.empty() || !card.labels->names.empty() || names_a_file(card, card.labels->file),
        "so are the labels");
  check(!card.labels || card.labels->file.empty() != card.labels->names.empty(), "labels are in one place");
  for (const CardFile& file : card.files) {
    check(!file.name.empty() && file.name.find('/') == std::string::npos, "a file is beside the card");
    check(file.name != "." && file.name != "..", "a file is no folder");
    check(file.sources.empty() || (file.bytes > 0 && file.sha256.size() == 64), "a download is bound");
  }
  check(!card.self_tests.empty(), "a card has a self-test");
  for (const CardSelfTest& test : card.self_tests) {
    check(test.score >= 0 && test.score <= 1, "a score is a probability");
    check(test.radius >= 0 && test.radius <= 1, "a disc lies in its picture");
  }
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  const auto card = parse_model_card(fuzz::as_text(data, size));
  if (card) {
    fuzz::check_card(*card);
  } else {
    fuzz::check(!card.error().message.empty() && card.error().message.size() < 1000, "an error repeats little");
  }
  return 0;
}
