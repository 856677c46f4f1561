#include "curlew/draw/encode.hpp"

// jpeglib.h needs <cstdio>.
// clang-format off
#include <csetjmp>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <array>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <memory>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

/// Pixels in the order that libjpeg takes them in.
struct Source {
  const std::uint8_t* first = nullptr;
  int width_px = 0;
  int height_px = 0;
  std::ptrdiff_t row_bytes = 0;
  int pixel_bytes = 0;
  J_COLOR_SPACE order = JCS_RGB;
};

/// What libjpeg's callbacks know. They run between its C frames and must not throw.
struct Session {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_destination_mgr destination{};
  std::jmp_buf on_error{};
  std::array<JOCTET, 65'536> buffer{};
  std::string* file = nullptr;
};

Session& session_of(j_common_ptr jpeg) { return *static_cast<Session*>(jpeg->client_data); }

[[noreturn]] void give_up(j_common_ptr jpeg) { std::longjmp(session_of(jpeg).on_error, 1); }

void print_nothing(j_common_ptr /*jpeg*/) {}

void begin_buffer(j_compress_ptr jpeg) {
  Session& session = session_of(reinterpret_cast<j_common_ptr>(jpeg));
  session.destination.next_output_byte = session.buffer.data();
  session.destination.free_in_buffer = session.buffer.size();
}

bool append(Session& session, std::size_t count) {
  try {
    session.file->append(reinterpret_cast<const char*>(session.buffer.data()), count);
    return true;
  } catch (const std::exception&) {
    return false;  // no memory; the caller gives up
  }
}

void write_buffer(j_compress_ptr jpeg, std::size_t count) {
  Session& session = session_of(reinterpret_cast<j_common_ptr>(jpeg));
  if (!append(session, count)) give_up(reinterpret_cast<j_common_ptr>(jpeg));
}

boolean empty_buffer(j_compress_ptr jpeg) {
  write_buffer(jpeg, session_of(reinterpret_cast<j_common_ptr>(jpeg)).buffer.size());
  begin_buffer(jpeg);
  return TRUE;
}

void end_buffer(j_compress_ptr jpeg) {
  Session& session = session_of(reinterpret_cast<j_common_ptr>(jpeg));
  write_buffer(jpeg, session.buffer.size() - session.destination.free_in_buffer);
}

void prepare(Session& session, const Source& source, const JpegDetail& detail) {
  jpeg_compress_struct& jpeg = session.jpeg;
  jpeg_create_compress(&jpeg);
  session.destination.init_destination = begin_buffer;
  session.destination.empty_output_buffer = empty_buffer;
  session.destination.term_destination = end_buffer;
  jpeg.dest = &session.destination;
  jpeg.image_width = static_cast<JDIMENSION>(source.width_px);
  jpeg.image_height = static_cast<JDIMENSION>(source.height_px);
  jpeg.input_components = source.pixel_bytes;
  jpeg.in_color_space = source.order;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, detail.quality, TRUE);
  if (detail.colours == JpegDetail::Colours::kOfEachFour) return;  // as libjpeg does where nothing else is said
  for (int c = 0; c < jpeg.num_components; ++c) {
    jpeg.comp_info[c].h_samp_factor = 1;
    jpeg.comp_info[c].v_samp_factor = 1;
  }
}

/// Left by a jump where libjpeg gives up: it and what it calls hold nothing with a destructor.
bool encode(Session& session, const Source& source, const JpegDetail& detail) {
  if (setjmp(session.on_error) != 0) return false;
  prepare(session, source, detail);
  jpeg_start_compress(&session.jpeg, TRUE);
  while (session.jpeg.next_scanline < session.jpeg.image_height) {
    // libjpeg reads it only; its type does not say so.
    auto* row =
        const_cast<JSAMPLE*>(source.first + static_cast<std::ptrdiff_t>(session.jpeg.next_scanline) * source.row_bytes);
    jpeg_write_scanlines(&session.jpeg, &row, 1);
  }
  jpeg_finish_compress(&session.jpeg);
  return true;
}

Result<std::string> encode_file(const Source& source, const JpegDetail& detail) {
  std::string file;
  const auto session = std::make_unique<Session>();
  session->jpeg.err = jpeg_std_error(&session->errors);
  session->errors.error_exit = give_up;
  session->errors.output_message = print_nothing;
  session->jpeg.client_data = session.get();
  session->file = &file;
  const bool done = encode(*session, source, detail);
  if (!done) {
    std::array<char, JMSG_LENGTH_MAX> why{};
    session->errors.format_message(reinterpret_cast<j_common_ptr>(&session->jpeg), why.data());
    log_error("a picture of {} x {} pixels cannot be written as JPEG: {}", source.width_px, source.height_px,
              why.data());
  }
  jpeg_destroy_compress(&session->jpeg);
  if (!done) return failure(ErrorCode::kInternal, "the picture could not be written as JPEG");
  return file;
}

}  // namespace

Result<std::string> encode_jpeg(const BgrxRows& rows, const JpegDetail& detail) {
  return encode_file({.first = rows.first,
                      .width_px = rows.width_px,
                      .height_px = rows.height_px,
                      .row_bytes = rows.row_bytes,
                      .pixel_bytes = 4,
                      .order = JCS_EXT_BGRX},
                     detail);
}

Result<std::string> encode_jpeg(const RgbView& picture, const JpegDetail& detail) {
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{picture.width_px} * 3;
  if (std::ssize(picture.rgb) != row_bytes * picture.height_px) std::abort();
  return encode_file({.first = picture.rgb.data(),
                      .width_px = picture.width_px,
                      .height_px = picture.height_px,
                      .row_bytes = row_bytes,
                      .pixel_bytes = 3,
                      .order = JCS_RGB},
                     detail);
}

}  // namespace curlew
