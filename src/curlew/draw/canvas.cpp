#include "curlew/draw/canvas.hpp"

#include <bit>
#include <cstdlib>
#include <vector>

namespace curlew {
namespace {

static_assert(std::endian::native == std::endian::little, "Cairo's pixels are numbers: their bytes would be XRGB");

Error no_memory() { return make_error(ErrorCode::kInternal, "there was not enough memory to draw on this picture"); }

void copy_row(const std::uint8_t* rgb, std::uint8_t* bgrx, int width) {
  for (int x = 0; x < width; ++x, rgb += 3, bgrx += 4) {
    bgrx[0] = rgb[2];
    bgrx[1] = rgb[1];
    bgrx[2] = rgb[0];
    bgrx[3] = 255;
  }
}

/// Draws on one surface; what goes wrong is told at the end.
class Pen {
 public:
  Pen(const DrawingTools& tools, cairo_surface_t* surface)
      : library_(tools.library), typeface_(tools.typeface), cairo_(library_.create(surface)) {
    library_.set_antialias(cairo_, CAIRO_ANTIALIAS_NONE);  // edges lie between pixels
    library_.set_fill_rule(cairo_, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_font_options_t* options = library_.font_options_create();
    library_.font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    library_.font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    library_.font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    library_.set_font_options(cairo_, options);
    library_.font_options_destroy(options);
    library_.set_font_face(cairo_, typeface_.face());
  }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;
  ~Pen() { library_.destroy(cairo_); }

  bool ok() const { return library_.status(cairo_) == CAIRO_STATUS_SUCCESS; }

  void frame(const DrawnObject& object) {
    ring(object.frame.casing_outside, object.frame.casing_inside, object.ink);
    ring(object.frame.line_outside, object.frame.line_inside, object.colour);
  }

  void plate(const Plate& plate, Rgb8 colour, Rgb8 ink, int casing) {
    const PixelRect inside{.x1 = plate.rect.x1 + casing,
                           .y1 = plate.rect.y1 + casing,
                           .x2 = plate.rect.x2 - casing,
                           .y2 = plate.rect.y2 - casing};
    ring(plate.rect, {}, ink);
    ring(inside, {}, colour);
    library_.save(cairo_);
    path(inside);
    library_.clip(cairo_);
    write(plate, ink);
    library_.restore(cairo_);
  }

 private:
  void use(Rgb8 colour) { library_.set_source_rgb(cairo_, colour.r / 255.0, colour.g / 255.0, colour.b / 255.0); }
  void path(const PixelRect& rect) { library_.rectangle(cairo_, rect.x1, rect.y1, rect.width(), rect.height()); }

  void ring(const PixelRect& outside, const PixelRect& inside, Rgb8 colour) {
    use(colour);
    path(outside);
    if (!inside.is_empty()) path(inside);
    library_.fill(cairo_);
  }

  void write(const Plate& plate, Rgb8 ink) {
    std::vector<cairo_glyph_t> glyphs;
    double x = plate.text_x;
    for (const char32_t character : plate.text) {
      glyphs.push_back({.index = typeface_.glyph(character), .x = x, .y = plate.baseline_y});
      x += typeface_.advance(character).value_or(0) * plate.font_px;
    }
    use(ink);
    library_.set_font_size(cairo_, plate.font_px);
    library_.show_glyphs(cairo_, glyphs.data(), static_cast<int>(glyphs.size()));
  }

  const DrawingLibrary& library_;
  const Typeface& typeface_;
  cairo_t* cairo_;
};

}  // namespace

Result<Canvas> Canvas::copy_of(const DrawingTools& tools, const PictureSize& size, std::span<const std::uint8_t> rgb) {
  const auto row_bytes = static_cast<std::size_t>(size.width_px) * 3;
  if (size.width_px < 1 || size.height_px < 1 || rgb.size() != row_bytes * static_cast<std::size_t>(size.height_px)) {
    std::abort();
  }
  Surface surface(tools.library.image_surface_create(CAIRO_FORMAT_RGB24, size.width_px, size.height_px),
                  Destroy{&tools.library});
  switch (tools.library.surface_status(surface.get())) {
    case CAIRO_STATUS_SUCCESS:
      break;
    case CAIRO_STATUS_INVALID_SIZE:
      return failure(ErrorCode::kInternal, "the picture is too large to be drawn on: a side has at most 32,767 pixels");
    default:
      return tl::make_unexpected(no_memory());
  }
  tools.library.surface_flush(surface.get());
  auto* pixels = tools.library.image_surface_get_data(surface.get());
  const std::ptrdiff_t stride = tools.library.image_surface_get_stride(surface.get());
  for (int y = 0; y < size.height_px; ++y) {
    copy_row(rgb.data() + static_cast<std::size_t>(y) * row_bytes, pixels + y * stride, size.width_px);
  }
  tools.library.surface_mark_dirty(surface.get());
  return Canvas(tools, size, std::move(surface));
}

Result<void> Canvas::draw(const Drawing& drawing) {
  bool ok = false;
  {
    Pen pen(*tools_, surface_.get());
    for (const DrawnObject& object : drawing.objects) pen.frame(object);
    // No line runs through a label.
    for (const DrawnObject& object : drawing.objects) {
      if (object.plate) pen.plate(*object.plate, object.colour, object.ink, drawing.style.casing_px);
    }
    ok = pen.ok();
  }
  tools_->library.surface_flush(surface_.get());
  if (!ok) return tl::make_unexpected(no_memory());
  return {};
}

BgrxRows Canvas::rows() const {
  return {.first = tools_->library.image_surface_get_data(surface_.get()),
          .width_px = size_.width_px,
          .height_px = size_.height_px,
          .row_bytes = tools_->library.image_surface_get_stride(surface_.get())};
}

}  // namespace curlew
