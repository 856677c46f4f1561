#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/download.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {

/// Brings `file` into `folder`, from one of its sources after the other, and only ever whole and right.
///
/// It is written beside as NAME.part, resumed where a try broke off, capped at the card's size, verified by SHA-256,
/// synced and renamed; a file that differs is deleted and the next mirror asked. NAME.lock keeps a second process or
/// thread waiting, which then finds the file done. `progress` gets the bytes that are here, from the calling thread.
///
/// Errors: a reason that does not name the model: no mirror gave the right file, no room on the disk, or `stop`.
/// Threads: any. Cost: blocks as long as it takes.
Result<void, ModelUnavailable> download_file(const CardFile& file, const std::filesystem::path& folder,
                                             Downloader& downloader, const std::function<void(ByteCount)>& progress,
                                             const std::stop_token& stop);

}  // namespace curlew
