#include "unit/decode/made_profiles.hpp"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace curlew::made {
namespace {

Bytes saved(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  if (profile == nullptr || cmsSaveProfileToMem(profile, nullptr, &size) == FALSE) std::abort();
  Bytes bytes(size);
  if (cmsSaveProfileToMem(profile, bytes.data(), &size) == FALSE) std::abort();
  cmsCloseProfile(profile);
  return bytes;
}

/// A pipeline of one table, which `sample` fills.
cmsPipeline* table(unsigned grid, unsigned channels, cmsSAMPLER16 sample) {
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, channels, 3);
  cmsStage* stage = cmsStageAllocCLut16bit(nullptr, grid, channels, 3, nullptr);
  if (cmsStageSampleCLut16bit(stage, sample, nullptr, 0) == FALSE) std::abort();
  cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, stage);
  return pipeline;
}

cmsHPROFILE with_table(cmsColorSpaceSignature space, unsigned grid, cmsSAMPLER16 sample) {
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.1);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, space);
  cmsSetPCS(profile, cmsSigLabData);
  cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ());
  cmsPipeline* pipeline = table(grid, cmsChannelsOf(space), sample);
  if (cmsWriteTag(profile, cmsSigAToB0Tag, pipeline) == FALSE) std::abort();
  cmsPipelineFree(pipeline);
  return profile;
}

cmsInt32Number sample_inks(const cmsUInt16Number inks[], cmsUInt16Number lab[], void* /*cargo*/) {
  std::array<double, 4> ink{};
  for (std::size_t i = 0; i < 4; ++i) ink[i] = inks[i] / 65535.0;
  const auto [c, m, y, k] = ink;
  const double light = 1 - k * 0.85;
  cmsCIELab colour{};
  colour.L = 100 * (1 - 0.45 * c) * (1 - 0.52 * m) * (1 - 0.11 * y) * light;
  colour.a = (-37 * c + 74 * m - 5 * y) * (1 - k);
  colour.b = (-50 * c - 3 * m + 93 * y) * (1 - k);
  cmsFloat2LabEncodedV2(lab, &colour);
  return TRUE;
}

cmsHTRANSFORM srgb_to_lab() {
  cmsHPROFILE srgb = cmsCreate_sRGBProfile();
  cmsHPROFILE lab = cmsCreateLab2Profile(nullptr);
  cmsHTRANSFORM transform = cmsCreateTransform(srgb, TYPE_RGB_16, lab, TYPE_LabV2_16, INTENT_RELATIVE_COLORIMETRIC,
                                               cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
  cmsCloseProfile(srgb);
  cmsCloseProfile(lab);
  return transform;
}

cmsInt32Number sample_swapped(const cmsUInt16Number rgb[], cmsUInt16Number lab[], void* /*cargo*/) {
  static const cmsHTRANSFORM kToLab = srgb_to_lab();
  const std::array<cmsUInt16Number, 3> swapped{rgb[1], rgb[0], rgb[2]};
  cmsDoTransform(kToLab, swapped.data(), lab, 1);
  return TRUE;
}

}  // namespace

Bytes srgb_profile() { return saved(cmsCreate_sRGBProfile()); }

Bytes wide_profile() {
  const cmsCIExyY white{.x = 0.3457, .y = 0.3585, .Y = 1};
  const cmsCIExyYTRIPLE primaries{.Red = {.x = 0.7347, .y = 0.2653, .Y = 1},
                                  .Green = {.x = 0.1596, .y = 0.8404, .Y = 1},
                                  .Blue = {.x = 0.0366, .y = 0.0001, .Y = 1}};
  cmsToneCurve* gamma = cmsBuildGamma(nullptr, 1.8);
  cmsToneCurve* const curves[] = {gamma, gamma, gamma};
  Bytes bytes = saved(cmsCreateRGBProfile(&white, &primaries, curves));
  cmsFreeToneCurve(gamma);
  return bytes;
}

Bytes swapping_profile(unsigned grid) { return saved(with_table(cmsSigRgbData, grid, sample_swapped)); }

Bytes profile_with_elements() {
  cmsHPROFILE profile = with_table(cmsSigRgbData, 17, sample_swapped);
  cmsPipeline* chain = cmsPipelineAlloc(nullptr, 3, 3);
  constexpr std::array kSame{1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
  for (int i = 0; i < 50; ++i) {
    cmsPipelineInsertStage(chain, cmsAT_END, cmsStageAllocMatrix(nullptr, 3, 3, kSame.data(), nullptr));
  }
  if (cmsWriteTag(profile, cmsSigDToB0Tag, chain) == FALSE) std::abort();
  cmsPipelineFree(chain);
  return saved(profile);
}

Bytes grey_profile(double gamma) {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  Bytes bytes = saved(cmsCreateGrayProfile(cmsD50_xyY(), curve));
  cmsFreeToneCurve(curve);
  return bytes;
}

Bytes cmyk_profile(unsigned grid) { return saved(with_table(cmsSigCmykData, grid, sample_inks)); }

Bytes device_link() { return saved(cmsCreateInkLimitingDeviceLink(cmsSigCmykData, 200)); }

Bytes named_colours() {
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetDeviceClass(profile, cmsSigNamedColorClass);
  cmsSetColorSpace(profile, cmsSigRgbData);
  cmsSetPCS(profile, cmsSigLabData);
  cmsNAMEDCOLORLIST* list = cmsAllocNamedColorList(nullptr, 1, 3, "", "");
  cmsUInt16Number lab[3] = {1, 2, 3};
  cmsUInt16Number device[16] = {};
  cmsAppendNamedColor(list, "sand", lab, device);
  cmsWriteTag(profile, cmsSigNamedColor2Tag, list);
  cmsFreeNamedColorList(list);
  return saved(profile);
}

Bytes with_word(Bytes profile, std::size_t at, std::string_view word) {
  std::ranges::copy(bytes_of(word), profile.begin() + static_cast<std::ptrdiff_t>(at));
  return profile;
}

}  // namespace curlew::made
