#pragma once

#include <cstddef>
#include <memory>
#include <openvino/openvino.hpp>

#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/network_form.hpp"

namespace curlew {

/// Finds out what the outputs of `model` are, by the card or else by their number, names and shapes, and brings them
/// into the order of the form's reader (postprocess.hpp, detections.hpp); outputs that the form does not have go. The
/// network's shape is fixed already, to pictures of `input`'s size.
///
/// Errors: what does not fit between card and network, or what a card would have to say. Exceptions of OpenVINO pass.
Result<NetworkForm, ModelUnavailable> fit_outputs(std::shared_ptr<ov::Model>& model, const ModelCard& card,
                                                  const InputFormat& input);

/// The element type in which output `index` of that form is read.
ov::element::Type element_of_output(const NetworkForm& form, std::size_t index);

}  // namespace curlew
