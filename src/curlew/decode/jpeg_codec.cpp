#include "curlew/decode/jpeg_codec.hpp"

// jpeglib.h needs <cstdio>, and the numbers of jerror.h depend on the version that jpeglib.h tells.
// clang-format off
#include <csetjmp>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/decode/exif.hpp"
#include "curlew/decode/geometry.hpp"
#include "curlew/decode/icc_profile.hpp"

// The libjpeg interface of libjpeg-turbo rather than TurboJPEG's: it hands out rows, so that no picture is held whole,
// it tells warnings apart, and it lets scans be counted.

namespace curlew {
namespace {

/// What libjpeg's callbacks know. They run between its C frames and must not throw.
struct Session {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf on_error{};
  int most_scans = 0;
  bool too_many_scans = false;
  bool ended_early = false;  ///< the bytes ended before the end marker
  std::array<char, JMSG_LENGTH_MAX> first_warning{};
};

Session& session_of(j_common_ptr jpeg) { return *static_cast<Session*>(jpeg->client_data); }

[[noreturn]] void give_up(j_common_ptr jpeg) { std::longjmp(session_of(jpeg).on_error, 1); }

bool loses_pixels(int message) {
  switch (message) {
    case JWRN_HIT_MARKER:  // the data of a scan ended too soon
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:  // a restart marker is missing
      return true;
    default:
      return false;
  }
}

void take_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // traces
  Session& session = session_of(jpeg);
  const int message = session.errors.msg_code;
  if (loses_pixels(message)) give_up(jpeg);
  session.ended_early = session.ended_early || message == JWRN_JPEG_EOF;
  if (session.errors.num_warnings++ == 0) session.errors.format_message(jpeg, session.first_warning.data());
}

void print_nothing(j_common_ptr /*jpeg*/) {}

void count_scans(j_common_ptr jpeg) {
  Session& session = session_of(jpeg);
  if (session.jpeg.input_scan_number <= session.most_scans) return;
  session.too_many_scans = true;
  give_up(jpeg);
}

/// Runs calls of libjpeg; false if it gave up. `body` and what it calls hold nothing with a destructor: it is left by a
/// jump.
template <class Body>
bool attempt(Session& session, const Body& body) {
  if (setjmp(session.on_error) != 0) return false;
  body();
  return true;
}

Error damaged() { return make_error(ErrorCode::kDecodeFailed, "the JPEG is damaged; send it again or save it anew"); }
Error incomplete() {
  return make_error(ErrorCode::kDecodeFailed, "the JPEG is incomplete: its bytes end before the picture does");
}

Error error_of(const Session& session) {
  if (session.too_many_scans) {
    return make_error(ErrorCode::kDecodeFailed, "the JPEG has too many scans; save it anew as baseline JPEG");
  }
  switch (session.errors.msg_code) {
    case JERR_OUT_OF_MEMORY:
      return make_error(ErrorCode::kInternal, "there was not enough memory for this picture");
    case JERR_IMAGE_TOO_BIG:  // libjpeg's own limit, 65,500, is above any of ours
      return make_error(ErrorCode::kTooManyPixels, "the JPEG has a side of more than 65,500 pixels");
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
      return make_error(
          ErrorCode::kUnsupportedFormat,
          "this kind of JPEG (lossless, 12 bits or an odd sampling) is not read; save it as baseline JPEG");
    default:
      return session.ended_early || session.errors.msg_code == JERR_INPUT_EOF ? incomplete() : damaged();
  }
}

void invert(std::uint8_t* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::uint8_t>(~values[i]);
}

class JpegCodec final : public Codec {
 public:
  JpegCodec() {
    jpeg_decompress_struct& jpeg = session_.jpeg;
    jpeg.err = jpeg_std_error(&session_.errors);
    session_.errors.error_exit = give_up;
    session_.errors.emit_message = take_message;
    session_.errors.output_message = print_nothing;
    session_.progress.progress_monitor = count_scans;
    jpeg.client_data = &session_;
    create();
  }
  JpegCodec(const JpegCodec&) = delete;
  JpegCodec& operator=(const JpegCodec&) = delete;
  ~JpegCodec() override { jpeg_destroy_decompress(&session_.jpeg); }

  Result<StoredPicture> open(std::span<const std::byte> bytes) override;
  bool scales() const override { return true; }
  Result<void> read(int eighths, RowSink& sink) override;

 private:
  void create() {
    if (!attempt(session_, [&] { jpeg_create_decompress(&session_.jpeg); })) throw std::bad_alloc();
    session_.jpeg.progress = &session_.progress;
  }
  bool too_short_for_its_size() const;
  Result<void> decode(RowSink& sink);

  Session session_;
  std::span<const std::byte> bytes_;
  std::vector<std::uint8_t> row_;
};

Result<StoredPicture> JpegCodec::open(std::span<const std::byte> bytes) {
  jpeg_decompress_struct& jpeg = session_.jpeg;
  // Not jpeg_abort_decompress(), which keeps the tables: a picture without its own would be read with those of the one
  // before.
  jpeg_destroy_decompress(&jpeg);
  create();
  bytes_ = bytes;
  session_.too_many_scans = session_.ended_early = false;
  session_.first_warning = {};
  session_.errors.num_warnings = 0;
  session_.errors.msg_code = 0;
  const bool read = attempt(session_, [&] {
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&jpeg, TRUE);
  });
  if (!read) return tl::make_unexpected(error_of(session_));
  if (jpeg.jpeg_color_space == JCS_UNKNOWN) {
    return failure(ErrorCode::kUnsupportedFormat,
                   "a JPEG with this number of colour channels is not read; save it as RGB");
  }
  StoredPicture picture;
  picture.size = {.width = static_cast<int>(jpeg.image_width), .height = static_cast<int>(jpeg.image_height)};
  session_.most_scans = most_jpeg_scans(picture.size);
  picture.orientation = orientation_of_exif(exif_of_jpeg(bytes)).value_or(Orientation::kUpright);
  if (jpeg.num_components == 4) picture.channels = 4;
  picture.profile = icc_of_jpeg(bytes);
  return picture;
}

// Every block takes at least one bit, so that a header of a few bytes cannot make libjpeg set aside hundreds of
// megabytes for a progressive picture that does not come. (Arithmetic coding needs less than a bit.)
bool JpegCodec::too_short_for_its_size() const {
  const jpeg_decompress_struct& jpeg = session_.jpeg;
  if (jpeg.arith_code != FALSE) return false;
  const auto units = [](JDIMENSION size, int factor) {
    const std::uint64_t unit = std::uint64_t{8} * static_cast<unsigned>(factor);
    return (size + unit - 1) / unit;
  };
  return units(jpeg.image_width, jpeg.max_h_samp_factor) * units(jpeg.image_height, jpeg.max_v_samp_factor) / 8 >
         bytes_.size();
}

Result<void> JpegCodec::read(int eighths, RowSink& sink) {
  if (too_short_for_its_size()) return tl::make_unexpected(incomplete());
  jpeg_decompress_struct& jpeg = session_.jpeg;
  jpeg.scale_num = static_cast<unsigned>(eighths);
  jpeg.scale_denom = 8;
  jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
  auto result = decode(sink);
  jpeg_abort_decompress(&jpeg);  // gives back what the picture took
  return result;
}

Result<void> JpegCodec::decode(RowSink& sink) {
  jpeg_decompress_struct& jpeg = session_.jpeg;
  if (!attempt(session_, [&] { jpeg_start_decompress(&jpeg); })) return tl::make_unexpected(error_of(session_));
  const SizePx expected =
      size_at({.width = static_cast<int>(jpeg.image_width), .height = static_cast<int>(jpeg.image_height)},
              static_cast<int>(jpeg.scale_num));
  const std::size_t width = jpeg.output_width;
  if (width != static_cast<std::size_t>(expected.width)) std::abort();  // the sink would read past its row
  row_.resize(width * static_cast<std::size_t>(jpeg.output_components));
  // Adobe's programs store how much light the inks let through, others how much ink there is.
  const bool light = jpeg.out_color_space == JCS_CMYK && jpeg.saw_Adobe_marker != FALSE;
  const bool done = attempt(session_, [&] {
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = row_.data();
      jpeg_read_scanlines(&jpeg, &row, 1);
      if (light) invert(row_.data(), row_.size());
      sink.row(row_.data());
    }
  });
  if (!done) return tl::make_unexpected(error_of(session_));
  // Without its end marker a picture is whole when the last block of its only scan is there. Where several scans make
  // it, or arithmetic coding, which takes missing bytes for zeros, nobody can tell.
  const bool needs_end = jpeg_has_multiple_scans(&jpeg) != FALSE || jpeg.arith_code != FALSE;
  bool channel_missing = false;
  for (int c = 0; c < jpeg.num_components; ++c) {
    channel_missing = channel_missing || jpeg.comp_info[c].quant_table == nullptr;
  }
  if ((session_.ended_early && needs_end) || channel_missing) return tl::make_unexpected(incomplete());
  if (session_.errors.num_warnings > 0) {
    log_debug("a JPEG has {} oddities that lose no pixels; the first: {}", session_.errors.num_warnings,
              session_.first_warning.data());
  }
  return {};
}

}  // namespace

int most_jpeg_scans(SizePx size) {
  constexpr std::int64_t kMost = 100;
  constexpr std::int64_t kLeast = 20;
  constexpr std::int64_t kPixelsOfAllScans = 1'000'000'000;
  const std::int64_t pixels = std::max<std::int64_t>(1, std::int64_t{size.width} * size.height);
  return static_cast<int>(std::clamp(kPixelsOfAllScans / pixels, kLeast, kMost));
}

std::unique_ptr<Codec> make_jpeg_codec() { return std::make_unique<JpegCodec>(); }

}  // namespace curlew
