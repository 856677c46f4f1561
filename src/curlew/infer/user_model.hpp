#pragma once

#include <filesystem>

#include "curlew/base/result.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"
#include "curlew/infer/model_shelf.hpp"

namespace curlew {

/// A network of the user's own, found by its path.
struct UserModel {
  ModelCard card;
  FoundModel files;  ///< without its hash, which takes time
};

/// Opens `--model FILE`: a .tflite, .onnx or .xml (IR), or the folder of a TensorFlow SavedModel.
///
/// The card is the .toml of the same stem beside it; without one, the network's shape must tell enough (the engine
/// refuses it otherwise), and it is taken to do `task`. The labels are the card's, else <stem>.txt, else labels.txt
/// beside it or in a SavedModel's folder, a line each; else there are none. The card's list of files does not matter
/// here.
///
/// Errors: there is no such file, its kind is unknown, its card is wrong, or the card's labels are not there.
Result<UserModel, ModelUnavailable> open_user_model(const std::filesystem::path& path, Task task);

/// Whether `text`, as given to --model, is a path rather than a name: it holds a slash or ends like a network.
bool is_model_path(const std::string& text);

}  // namespace curlew
