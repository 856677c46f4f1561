#pragma once

#include <functional>

#include "curlew/base/clock.hpp"
#include "curlew/core/item.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/fetch/fetcher.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/pipeline/answer_cache.hpp"
#include "curlew/pipeline/picture_observer.hpp"

namespace curlew {

/// The result of an item that failed at `at`.
ItemResult failed_result(const Item& item, Error error, TimePoint at);

/// The result of an item whose bytes could not be had.
ItemResult failed_fetch(const Item& item, const FetchOutcome& outcome, Error error, TimePoint at);

/// What a worker works with beside its decoder and its lane; each may be missing.
struct Beside {
  PictureObserver* observer = nullptr;
  AnswerCache* answers = nullptr;
};

/// A worker's part: the bytes of `outcome` become pixels in `lane`'s tensor, and those an answer, which the observer
/// sees and may add to. An answer that is known is not worked out again, and the observer does not see it.
///
/// Errors: those of the decoder and the lane; kInternal where one of them throws. `outcome.body` holds bytes.
/// Cost:   blocks for decoding and one pass of the network.
ItemResult process(const Item& item, const FetchOutcome& outcome, Decoder& decoder, Lane& lane,
                   const Beside& beside = {});

}  // namespace curlew
