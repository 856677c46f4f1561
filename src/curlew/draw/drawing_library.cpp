#include "curlew/draw/drawing_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_surfaces(void* cairo, DrawingLibrary& to) {
  return find(cairo, "cairo_image_surface_create", to.image_surface_create) &&
         find(cairo, "cairo_image_surface_get_data", to.image_surface_get_data) &&
         find(cairo, "cairo_image_surface_get_stride", to.image_surface_get_stride) &&
         find(cairo, "cairo_surface_status", to.surface_status) &&
         find(cairo, "cairo_surface_flush", to.surface_flush) &&
         find(cairo, "cairo_surface_mark_dirty", to.surface_mark_dirty) &&
         find(cairo, "cairo_surface_destroy", to.surface_destroy);
}

bool find_drawing(void* cairo, DrawingLibrary& to) {
  return find(cairo, "cairo_create", to.create) && find(cairo, "cairo_destroy", to.destroy) &&
         find(cairo, "cairo_status", to.status) && find(cairo, "cairo_save", to.save) &&
         find(cairo, "cairo_restore", to.restore) && find(cairo, "cairo_set_source_rgb", to.set_source_rgb) &&
         find(cairo, "cairo_set_antialias", to.set_antialias) && find(cairo, "cairo_set_fill_rule", to.set_fill_rule) &&
         find(cairo, "cairo_rectangle", to.rectangle) && find(cairo, "cairo_fill", to.fill) &&
         find(cairo, "cairo_clip", to.clip);
}

bool find_text(void* cairo, DrawingLibrary& to) {
  return find(cairo, "cairo_set_font_face", to.set_font_face) && find(cairo, "cairo_set_font_size", to.set_font_size) &&
         find(cairo, "cairo_set_font_options", to.set_font_options) &&
         find(cairo, "cairo_show_glyphs", to.show_glyphs) &&
         find(cairo, "cairo_font_options_create", to.font_options_create) &&
         find(cairo, "cairo_font_options_destroy", to.font_options_destroy) &&
         find(cairo, "cairo_font_options_set_antialias", to.font_options_set_antialias) &&
         find(cairo, "cairo_font_options_set_hint_style", to.font_options_set_hint_style) &&
         find(cairo, "cairo_font_options_set_hint_metrics", to.font_options_set_hint_metrics) &&
         find(cairo, "cairo_font_face_status", to.font_face_status) &&
         find(cairo, "cairo_ft_font_face_create_for_ft_face", to.font_face_create);
}

bool find_typeface(void* freetype, DrawingLibrary& to) {
  return find(freetype, "FT_Init_FreeType", to.init_freetype) && find(freetype, "FT_Done_FreeType", to.done_freetype) &&
         find(freetype, "FT_New_Memory_Face", to.new_memory_face) &&
         find(freetype, "FT_Get_First_Char", to.first_char) && find(freetype, "FT_Get_Next_Char", to.next_char) &&
         find(freetype, "FT_Get_Advance", to.get_advance);
}

// Debian's way from a library's name to its package: libcairo.so.2 is in libcairo2.
std::string package_of(std::string name) {
  if (const auto at = name.find(".so."); at != std::string::npos) name.erase(at, 4);
  return name;
}

}  // namespace

Result<DrawingLibrary> open_drawing_library(const std::string& cairo, const std::string& freetype) {
  DrawingLibrary functions;
  void* drawing = dlopen(cairo.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* type = drawing == nullptr ? nullptr : dlopen(freetype.c_str(), RTLD_NOW | RTLD_LOCAL);
  const bool found = drawing != nullptr && type != nullptr && find_surfaces(drawing, functions) &&
                     find_drawing(drawing, functions) && find_text(drawing, functions) &&
                     find_typeface(type, functions);
  if (found) return functions;
  const char* why = dlerror();
  log_warning("pictures cannot be drawn: {}", why == nullptr ? "no reason is known" : why);
  return failure(ErrorCode::kInternal,
                 fmt::format("pictures cannot be drawn here: {} or {} is not installed (Debian's packages {} and {})",
                             cairo, freetype, package_of(cairo), package_of(freetype)));
}

}  // namespace curlew
