#pragma once

#include <filesystem>
#include <memory>
#include <openvino/openvino.hpp>

#include "curlew/base/result.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/network_form.hpp"

namespace curlew {

/// Reads the network at `path` by the reader of its kind alone. Left to itself OpenVINO tries one reader after the
/// other, and some of them take a folder for a huge file or write to stderr. Exceptions of OpenVINO pass.
std::shared_ptr<ov::Model> read_network(ov::Core& core, const std::filesystem::path& path);

/// A network that takes pictures.
struct FittedNetwork {
  std::shared_ptr<ov::Model> model;
  NetworkForm form;
  ElementKind element = ElementKind::kU8;  ///< what it was made for; it takes u8 now
};

/// Makes `model` take packed u8 RGB, NHWC, one picture, and give f32 (labels: i64): layout, colour order, element type,
/// mean and scale become part of the graph. What its outputs are is the card's word or else what the graph tells.
///
/// Errors: what does not fit between card and network, or what a card would have to say. Exceptions of OpenVINO pass.
Result<FittedNetwork, ModelUnavailable> fit_to_pictures(std::shared_ptr<ov::Model> model, const ModelCard& card);

}  // namespace curlew
