#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/decode/picture_decoder.hpp"

// decode_to_raw PICTURE WIDTH HEIGHT squash|crop|letterbox area|bilinear OUTPUT
//
// Writes what a network of that input would see as packed RGB to OUTPUT, and says what picture it was as one line of
// JSON on standard output. A picture that cannot be decoded is such a line too, with its code, and no OUTPUT.

namespace {

using curlew::Fit;

constexpr int kUsage = 2;
constexpr int kArguments = 6;

const std::map<std::string_view, Fit::Kind> kKinds{
    {"squash", Fit::Kind::kSquash}, {"crop", Fit::Kind::kCentreCrop}, {"letterbox", Fit::Kind::kLetterbox}};
const std::map<std::string_view, Fit::Filter> kFilters{{"area", Fit::Filter::kArea},
                                                       {"bilinear", Fit::Filter::kBilinear}};

std::optional<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

int run(std::span<const std::string> arguments) {
  const auto bytes = contents(arguments[0]);
  if (!bytes) {
    std::cerr << "cannot read " << arguments[0] << '\n';
    return kUsage;
  }
  curlew::InputFormat format{.width_px = std::stoi(arguments[1]), .height_px = std::stoi(arguments[2]), .fit = {}};
  format.fit.kind = kKinds.at(arguments[3]);
  format.fit.filter = kFilters.at(arguments[4]);
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(format.width_px) * static_cast<std::size_t>(format.height_px) *
                                3);
  curlew::PictureDecoder decoder{curlew::DecodeLimits{}};
  const auto picture = decoder.decode_into(std::as_bytes(std::span(*bytes)), format, rgb);
  if (!picture) {
    fmt::print("{{\"error\": \"{}\", \"message\": \"{}\"}}\n", error_info(picture.error().code).wire_name,
               picture.error().message);
    return 0;
  }
  std::ofstream(arguments[5], std::ios::binary)
      .write(reinterpret_cast<const char*>(rgb.data()), static_cast<std::streamsize>(rgb.size()));
  fmt::print("{{\"format\": \"{}\", \"width\": {}, \"height\": {}}}\n", to_string(picture->info.format),
             picture->info.width_px, picture->info.height_px);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == kArguments) return run(arguments);
    std::cerr << "decode_to_raw PICTURE WIDTH HEIGHT squash|crop|letterbox area|bilinear OUTPUT\n";
  } catch (const std::exception& fault) {
    std::cerr << fault.what() << '\n';
  }
  return kUsage;
}
