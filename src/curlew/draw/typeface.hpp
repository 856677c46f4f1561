#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/draw/drawing_library.hpp"

namespace curlew {

/// A font that Cairo can draw with, and what is to be known of its characters.
///
/// Ownership: what the libraries keep of it stays to the end of the process, as do its bytes.
/// Threads:   any; Cairo guards the face by itself.
class Typeface {
 public:
  /// Errors: kInternal: no font, or no memory.
  static Result<Typeface> open(const DrawingLibrary& library, std::span<const std::byte> font);

  /// In em; nothing where the font has no such character.
  std::optional<double> advance(char32_t character) const;
  /// The glyph's number; 0, that of the replacement, where the font has no such character.
  unsigned long glyph(char32_t character) const;
  cairo_font_face_t* face() const { return face_; }

 private:
  struct Character {
    char32_t code;
    unsigned glyph;
    double advance_em;
  };

  const Character* find(char32_t character) const;

  std::vector<Character> characters_;  ///< by rising code
  cairo_font_face_t* face_ = nullptr;
};

/// What drawing takes: the libraries and the typeface that is compiled in.
struct DrawingTools {
  DrawingLibrary library;
  Typeface typeface;
};

/// Opened by the first call, as is its failure.
///
/// Cost: some milliseconds once.
const Result<DrawingTools>& drawing_tools();

}  // namespace curlew
