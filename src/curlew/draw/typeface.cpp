#include "curlew/draw/typeface.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/draw/embedded_font.hpp"

namespace curlew {
namespace {

tl::unexpected<Error> no_typeface(int freetype_error) {
  log_error("the typeface cannot be opened: FreeType's error {}", freetype_error);
  return failure(ErrorCode::kInternal, "pictures cannot be drawn here: the typeface cannot be opened");
}

}  // namespace

Result<Typeface> Typeface::open(const DrawingLibrary& library, std::span<const std::byte> font) {
  FT_Library opened = nullptr;
  if (const int error = library.init_freetype(&opened); error != 0) return no_typeface(error);
  std::unique_ptr<FT_LibraryRec_, decltype(library.done_freetype)> freetype(opened, library.done_freetype);
  FT_Face face = nullptr;
  const auto* bytes = reinterpret_cast<const FT_Byte*>(font.data());
  if (const int error = library.new_memory_face(freetype.get(), bytes, static_cast<FT_Long>(font.size()), 0, &face);
      error != 0) {
    return no_typeface(error);
  }
  // Read once: threads that draw then never meet in FreeType but under Cairo's lock.
  Typeface typeface;
  FT_UInt glyph = 0;
  for (FT_ULong code = library.first_char(face, &glyph); glyph != 0; code = library.next_char(face, code, &glyph)) {
    FT_Fixed advance = 0;
    if (library.get_advance(face, glyph, FT_LOAD_NO_SCALE, &advance) != 0) continue;
    typeface.characters_.push_back({.code = static_cast<char32_t>(code),
                                    .glyph = glyph,
                                    .advance_em = static_cast<double>(advance) / face->units_per_EM});
  }
  typeface.face_ = library.font_face_create(face, FT_LOAD_DEFAULT);
  if (library.font_face_status(typeface.face_) != CAIRO_STATUS_SUCCESS) return no_typeface(FT_Err_Out_Of_Memory);
  static_cast<void>(freetype.release());  // Cairo draws with it to the end
  return typeface;
}

const Typeface::Character* Typeface::find(char32_t character) const {
  const auto found = std::ranges::lower_bound(characters_, character, {}, &Character::code);
  return found == characters_.end() || found->code != character ? nullptr : &*found;
}

std::optional<double> Typeface::advance(char32_t character) const {
  const Character* found = find(character);
  return found == nullptr ? std::nullopt : std::optional(found->advance_em);
}

unsigned long Typeface::glyph(char32_t character) const {
  const Character* found = find(character);
  return found == nullptr ? 0 : found->glyph;
}

const Result<DrawingTools>& drawing_tools() {
  static const Result<DrawingTools> kTools = [] {
    return open_drawing_library(CURLEW_CAIRO_LIBRARY, CURLEW_FREETYPE_LIBRARY)
        .and_then([](const DrawingLibrary& library) {
          return Typeface::open(library, embedded_font()).map([&](Typeface typeface) {
            return DrawingTools{.library = library, .typeface = std::move(typeface)};
          });
        });
  }();
  return kTools;
}

}  // namespace curlew
