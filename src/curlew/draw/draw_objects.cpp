#include "curlew/draw/draw_objects.hpp"

#include <cstdlib>
#include <exception>
#include <new>

#include "curlew/base/log.hpp"
#include "curlew/draw/canvas.hpp"
#include "curlew/draw/encode.hpp"
#include "curlew/draw/layout.hpp"
#include "curlew/draw/typeface.hpp"

namespace curlew {
namespace {

Result<std::string> draw(const RgbView& picture, std::span<const Prediction> predictions, DrawnFormat format) {
  const auto& tools = drawing_tools();
  if (!tools) return tl::make_unexpected(tools.error());
  const PictureSize size{.width_px = picture.width_px, .height_px = picture.height_px};
  auto canvas = Canvas::copy_of(*tools, size, picture.rgb);
  if (!canvas) return tl::make_unexpected(std::move(canvas.error()));
  const auto advance = [&](char32_t character) { return tools->typeface.advance(character); };
  if (auto drawn = canvas->draw(layout_objects(size, predictions, advance)); !drawn) {
    return tl::make_unexpected(std::move(drawn.error()));
  }
  return format == DrawnFormat::kPng ? encode_png(canvas->rows()) : encode_jpeg(canvas->rows());
}

}  // namespace

DrawnFormat drawn_format(PictureFormat came) {
  switch (came) {
    case PictureFormat::kJpeg:
    case PictureFormat::kWebp:
    case PictureFormat::kAvif:
      return DrawnFormat::kJpeg;
    case PictureFormat::kPng:
    case PictureFormat::kGif:
    case PictureFormat::kBmp:
      return DrawnFormat::kPng;
  }
  std::abort();
}

std::string_view file_ending(DrawnFormat format) { return format == DrawnFormat::kPng ? ".png" : ".jpg"; }

Result<void> prepare_drawing() {
  const auto& tools = drawing_tools();
  if (!tools) return tl::make_unexpected(tools.error());
  return {};
}

Result<std::string> draw_objects(const RgbView& picture, std::span<const Prediction> predictions, DrawnFormat format) {
  try {
    return draw(picture, predictions, format);
  } catch (const std::bad_alloc&) {
    return failure(ErrorCode::kInternal, "there was not enough memory to draw on this picture");
  } catch (const std::exception& fault) {
    log_error("drawing on a picture failed: {}", fault.what());
    return failure(ErrorCode::kInternal, "the picture could not be drawn on for a fault of Curlew");
  }
}

}  // namespace curlew
