#pragma once

#include <string_view>

/// The texts of the scripts, without what all of them begin with (redis_scripts.cpp).
namespace curlew::redis_lua {

extern const std::string_view kStage;
extern const std::string_view kCreate;
extern const std::string_view kClaim;
extern const std::string_view kKeep;
extern const std::string_view kGiveBack;
extern const std::string_view kRenew;
extern const std::string_view kSweep;
extern const std::string_view kRead;
extern const std::string_view kCancel;
extern const std::string_view kEnd;
extern const std::string_view kExpire;

}  // namespace curlew::redis_lua
