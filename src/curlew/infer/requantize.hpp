#pragma once

#include <memory>
#include <openvino/openvino.hpp>

namespace curlew {

/// Writes the weights of convolutions that were stored as u8 with a zero point, as TFLite has them, as i8 that are
/// symmetric around zero for each output channel: the CPU runs only such convolutions on its int8 units. Gives how many
/// were changed; a network with other weights stays as it is.
///
/// Cost:   some 100 ms for some million weights; the compiled network is kept, so this is done once.
/// Errors: exceptions of OpenVINO pass.
std::size_t requantize(const std::shared_ptr<ov::Model>& model);

}  // namespace curlew
