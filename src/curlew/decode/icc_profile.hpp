#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace curlew {

/// The ICC profile that the APP2 segments of a JPEG hold together, in whatever order they come; empty where there is
/// none, where a part is missing, comes twice or tells another count, and where it has more than kMaxProfileBytes.
///
/// Source: ICC.1:2022, annex B.4.
std::vector<std::byte> icc_of_jpeg(std::span<const std::byte> jpeg);

/// The ICC profile that the body of a PNG's iCCP chunk holds compressed; empty where it is damaged or has more than
/// kMaxProfileBytes, of which no more is unpacked.
///
/// Source: PNG specification, third edition, section 11.3.2.3.
std::vector<std::byte> icc_of_png(std::span<const std::byte> iccp);

}  // namespace curlew
