#include "curlew/draw/drawing_library.hpp"

#include <fmt/format.h>

#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/shared_library.hpp"

namespace curlew {
namespace {

bool find_surfaces(void* cairo, DrawingLibrary& to) {
  return find_function(cairo, "cairo_image_surface_create", to.image_surface_create) &&
         find_function(cairo, "cairo_image_surface_get_data", to.image_surface_get_data) &&
         find_function(cairo, "cairo_image_surface_get_stride", to.image_surface_get_stride) &&
         find_function(cairo, "cairo_surface_status", to.surface_status) &&
         find_function(cairo, "cairo_surface_flush", to.surface_flush) &&
         find_function(cairo, "cairo_surface_mark_dirty", to.surface_mark_dirty) &&
         find_function(cairo, "cairo_surface_destroy", to.surface_destroy);
}

bool find_drawing(void* cairo, DrawingLibrary& to) {
  return find_function(cairo, "cairo_create", to.create) && find_function(cairo, "cairo_destroy", to.destroy) &&
         find_function(cairo, "cairo_status", to.status) && find_function(cairo, "cairo_save", to.save) &&
         find_function(cairo, "cairo_restore", to.restore) &&
         find_function(cairo, "cairo_set_source_rgb", to.set_source_rgb) &&
         find_function(cairo, "cairo_set_antialias", to.set_antialias) &&
         find_function(cairo, "cairo_set_fill_rule", to.set_fill_rule) &&
         find_function(cairo, "cairo_rectangle", to.rectangle) && find_function(cairo, "cairo_fill", to.fill) &&
         find_function(cairo, "cairo_clip", to.clip);
}

bool find_text(void* cairo, DrawingLibrary& to) {
  return find_function(cairo, "cairo_set_font_face", to.set_font_face) &&
         find_function(cairo, "cairo_set_font_size", to.set_font_size) &&
         find_function(cairo, "cairo_set_font_options", to.set_font_options) &&
         find_function(cairo, "cairo_show_glyphs", to.show_glyphs) &&
         find_function(cairo, "cairo_font_options_create", to.font_options_create) &&
         find_function(cairo, "cairo_font_options_destroy", to.font_options_destroy) &&
         find_function(cairo, "cairo_font_options_set_antialias", to.font_options_set_antialias) &&
         find_function(cairo, "cairo_font_options_set_hint_style", to.font_options_set_hint_style) &&
         find_function(cairo, "cairo_font_options_set_hint_metrics", to.font_options_set_hint_metrics) &&
         find_function(cairo, "cairo_font_face_status", to.font_face_status) &&
         find_function(cairo, "cairo_ft_font_face_create_for_ft_face", to.font_face_create);
}

bool find_typeface(void* freetype, DrawingLibrary& to) {
  return find_function(freetype, "FT_Init_FreeType", to.init_freetype) &&
         find_function(freetype, "FT_Done_FreeType", to.done_freetype) &&
         find_function(freetype, "FT_New_Memory_Face", to.new_memory_face) &&
         find_function(freetype, "FT_Get_First_Char", to.first_char) &&
         find_function(freetype, "FT_Get_Next_Char", to.next_char) &&
         find_function(freetype, "FT_Get_Advance", to.get_advance);
}

}  // namespace

Result<DrawingLibrary> open_drawing_library(const std::string& cairo, const std::string& freetype) {
  DrawingLibrary functions;
  void* drawing = open_shared_library(cairo);
  void* type = drawing == nullptr ? nullptr : open_shared_library(freetype);
  const bool found = drawing != nullptr && type != nullptr && find_surfaces(drawing, functions) &&
                     find_drawing(drawing, functions) && find_text(drawing, functions) &&
                     find_typeface(type, functions);
  if (found) return functions;
  log_warning("pictures cannot be drawn");
  return failure(ErrorCode::kInternal,
                 fmt::format("pictures cannot be drawn here: {} or {} is not installed (Debian's packages {} and {})",
                             cairo, freetype, package_of_library(cairo), package_of_library(freetype)));
}

}  // namespace curlew
