// What the fuzz targets of the codecs share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "curlew/core/picture.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {

/// The bytes of a file.
using File = std::vector<std::uint8_t>;

/// Decodes `file`, whose first bytes say that it is of `format`, small and in each way of fitting, and checks what
/// comes back: a picture within the limits and of this format, or an error that a client may see. Where its length is a
/// multiple of four it decodes again with a fresh decoder, which has to give the same. (To see such a fault again, give
/// the program a good picture first: fuzz_jpeg GOOD FAULTY.)
void decode_and_check(const File& file, PictureFormat format);

/// `data` with its beginning made that of `format`, so that no time goes to files that are of none.
File with_magic(std::span<const std::uint8_t> data, PictureFormat format);

}  // namespace curlew::fuzz
