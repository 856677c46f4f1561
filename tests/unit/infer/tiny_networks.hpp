#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "curlew/core/picture.hpp"
#include "curlew/infer/engine.hpp"

namespace curlew::test {

/// A network of a few layers whose class is the strongest colour of its picture: 0 red, 1 green, 2 blue. The score of
/// class c is the mean of channel c, from 0 to `steepness` (after the picture's values were brought to 0–1 by the card
/// or, for bytes, by the network), then softmax.
struct TinyNetwork {
  bool nchw = false;
  bool bytes = true;         ///< takes u8 and scales it itself; else f32
  bool bgr = false;          ///< its channels are blue, green, red; so are its classes 2, 1, 0
  bool softmax = true;       ///< else it gives logits
  bool byte_output = false;  ///< gives u8, 256 for 1
  bool dynamic = false;      ///< leaves height and width open
  bool gives_nan = false;
  bool gives_infinity = false;  ///< instead of each score
  float steepness = 20;
  int side_px = 8;
};

/// Writes `network` as IR: path (.xml) and the .bin beside it.
void write_ir(const TinyNetwork& network, const std::filesystem::path& path);
/// The same colours by three operations of ONNX: f32 NCHW 1×3×8×8, softmax of the means.
void write_onnx(const std::filesystem::path& path);
/// The same by three operations of TensorFlow: f32 NHWC 1×8×8×3, in a folder as TensorFlow saves it.
void write_saved_model(const std::filesystem::path& folder);

/// Fills the lane's picture with one colour and asks for everything it has.
Result<Answer> ask(Lane& lane, std::array<std::uint8_t, 3> rgb);
/// The index of the best class, or -1 where there is none.
int best_class(Lane& lane, std::array<std::uint8_t, 3> rgb);

inline constexpr std::array<std::uint8_t, 3> kRed = {250, 10, 5};
inline constexpr std::array<std::uint8_t, 3> kGreen = {10, 250, 5};
inline constexpr std::array<std::uint8_t, 3> kBlue = {10, 5, 250};

}  // namespace curlew::test
