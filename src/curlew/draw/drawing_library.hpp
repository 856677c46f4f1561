#pragma once

#include <cairo-ft.h>
#include <ft2build.h>
#include FT_ADVANCES_H
#include FT_FREETYPE_H

#include <string>

#include "curlew/base/result.hpp"

namespace curlew {

/// The functions of Cairo and FreeType that Curlew calls, found in the libraries at run time: they bring fontconfig,
/// X11 and more, and with them some milliseconds of every start, for pictures that few runs draw.
///
/// Threads: any.
struct DrawingLibrary {
  decltype(&cairo_image_surface_create) image_surface_create = nullptr;
  decltype(&cairo_image_surface_get_data) image_surface_get_data = nullptr;
  decltype(&cairo_image_surface_get_stride) image_surface_get_stride = nullptr;
  decltype(&cairo_surface_status) surface_status = nullptr;
  decltype(&cairo_surface_flush) surface_flush = nullptr;
  decltype(&cairo_surface_mark_dirty) surface_mark_dirty = nullptr;
  decltype(&cairo_surface_destroy) surface_destroy = nullptr;
  decltype(&cairo_create) create = nullptr;
  decltype(&cairo_destroy) destroy = nullptr;
  decltype(&cairo_status) status = nullptr;
  decltype(&cairo_save) save = nullptr;
  decltype(&cairo_restore) restore = nullptr;
  decltype(&cairo_set_source_rgb) set_source_rgb = nullptr;
  decltype(&cairo_set_antialias) set_antialias = nullptr;
  decltype(&cairo_set_fill_rule) set_fill_rule = nullptr;
  decltype(&cairo_rectangle) rectangle = nullptr;
  decltype(&cairo_fill) fill = nullptr;
  decltype(&cairo_clip) clip = nullptr;
  decltype(&cairo_set_font_face) set_font_face = nullptr;
  decltype(&cairo_set_font_size) set_font_size = nullptr;
  decltype(&cairo_set_font_options) set_font_options = nullptr;
  decltype(&cairo_show_glyphs) show_glyphs = nullptr;
  decltype(&cairo_font_options_create) font_options_create = nullptr;
  decltype(&cairo_font_options_destroy) font_options_destroy = nullptr;
  decltype(&cairo_font_options_set_antialias) font_options_set_antialias = nullptr;
  decltype(&cairo_font_options_set_hint_style) font_options_set_hint_style = nullptr;
  decltype(&cairo_font_options_set_hint_metrics) font_options_set_hint_metrics = nullptr;
  decltype(&cairo_font_face_status) font_face_status = nullptr;
  decltype(&cairo_ft_font_face_create_for_ft_face) font_face_create = nullptr;
  decltype(&FT_Init_FreeType) init_freetype = nullptr;
  decltype(&FT_Done_FreeType) done_freetype = nullptr;
  decltype(&FT_New_Memory_Face) new_memory_face = nullptr;
  decltype(&FT_Get_First_Char) first_char = nullptr;
  decltype(&FT_Get_Next_Char) next_char = nullptr;
  decltype(&FT_Get_Advance) get_advance = nullptr;
};

/// Opens the libraries of these names; they stay open.
///
/// Errors: kInternal, with the packages that bring them, where one is missing or another one.
Result<DrawingLibrary> open_drawing_library(const std::string& cairo, const std::string& freetype);

}  // namespace curlew
