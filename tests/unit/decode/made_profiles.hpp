#pragma once

#include <cstdint>

#include "unit/decode/made_pictures.hpp"

/// ICC profiles that tests make.
namespace curlew::made {

Bytes srgb_profile();

/// The primaries of ProPhoto RGB, far outside of sRGB, and gamma 1.8.
Bytes wide_profile();

/// RGB by a table of `grid` points a channel that gives what sRGB gives for red and green exchanged.
Bytes swapping_profile(unsigned grid = 17);

/// As the swapping one, with a matrix that means sRGB beside the table, and a D2B0 chain of elements that exchanges
/// nothing.
Bytes profile_with_elements();

Bytes grey_profile(double gamma);

/// Four inks by a table: paper is white, cyan, magenta and yellow have about the colours of offset inks, black on top
/// of nothing is as dark as a press makes it (L* 15).
Bytes cmyk_profile(unsigned grid = 9);

/// One that leads from CMYK to CMYK without a colour between.
Bytes device_link();

Bytes named_colours();

/// `profile` with a word of its header replaced: the class at 12, the colour space at 16, what it leads to at 20.
Bytes with_word(Bytes profile, std::size_t at, std::string_view word);

}  // namespace curlew::made
