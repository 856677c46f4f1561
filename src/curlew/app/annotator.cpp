#include "curlew/app/annotator.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <random>
#include <system_error>
#include <utility>

#include "curlew/app/annotated_name.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/draw/draw_objects.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

using Written = Result<void, std::string>;  // or words for a person

tl::unexpected<std::string> refused(int error) { return tl::make_unexpected(std::generic_category().message(error)); }

/// A new file that goes again unless it was given its name.
class NewFile {
 public:
  NewFile(int folder, std::string name)
      : folder_(folder),
        name_(std::move(name)),
        // Neither through a link nor into a file that somebody put there; who may read it is the umask's to say.
        fd_(::openat(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)),
        error_(fd_ < 0 ? errno : 0) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_ >= 0) ::close(fd_);
    if (error_ == 0 && !named_) ::unlinkat(folder_, name_.c_str(), 0);
  }

  Written write(std::string_view bytes) {
    if (error_ != 0) return refused(error_);
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return refused(errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Written rename_to(const std::string& name) {
    // Some file systems tell only now that there was no room.
    if (::close(std::exchange(fd_, -1)) != 0) return refused(errno);
    if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) return refused(errno);
    named_ = true;
    return {};
  }

 private:
  const int folder_;
  const std::string name_;
  int fd_;
  const int error_;
  bool named_ = false;
};

/// Beside its place, so that nobody ever reads half of a picture. By chance: in containers a process that was killed
/// has the id of the next one.
std::string name_beside(const std::string& name) {
  return fmt::format(".{}.{:08x}.part", name, std::random_device()());
}

Written write_file(int folder, const std::string& name, std::string_view bytes) {
  NewFile file(folder, name_beside(name));
  return file.write(bytes).and_then([&] { return file.rename_to(name); });
}

UniqueFd open_folder(const fs::path& folder) {
  const auto unusable = [&](const std::string& why) {
    return StartupError(ExitStatus::kEnvironment,
                        fmt::format("--annotate: the folder {} cannot be written: {}", folder.native(), why));
  };
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw unusable(error.message());
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok()) throw unusable(std::generic_category().message(errno));
  if (const auto tried = NewFile(fd.get(), name_beside("curlew")).write("try"); !tried) throw unusable(tried.error());
  return fd;
}

/// The whole upright picture with what was found.
Result<std::string> annotated(std::span<const std::byte> bytes, const Success& success, Decoder& decoder) {
  const InputFormat whole{.width_px = success.image.width_px, .height_px = success.image.height_px, .fit = {}};
  const std::size_t size = static_cast<std::size_t>(whole.width_px) * static_cast<std::size_t>(whole.height_px) * 3;
  const auto pixels = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  const std::span<std::uint8_t> rgb(pixels.get(), size);
  if (auto decoded = decoder.decode_into(bytes, whole, rgb); !decoded) {
    return tl::make_unexpected(std::move(decoded.error()));
  }
  return draw_objects({.width_px = whole.width_px, .height_px = whole.height_px, .rgb = rgb},
                      success.answer.predictions, drawn_format(success.image.format));
}

}  // namespace

Annotator::Annotator(const fs::path& folder, std::size_t total)
    : folder_(folder), total_(total), folder_fd_(open_folder(folder)) {
  if (auto ready = prepare_drawing(); !ready) throw StartupError(ExitStatus::kEnvironment, ready.error().message);
}

void Annotator::named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) {
  const auto name = annotated_name(item.index, total_, item.text, file_ending(drawn_format(success.image.format)));
  try {
    const auto picture = annotated(bytes, success, decoder);
    if (!picture) return note_failure(name, picture.error().message);
    if (const auto done = write_file(folder_fd_.get(), name, *picture); !done) return note_failure(name, done.error());
  } catch (const std::bad_alloc&) {
    return note_failure(name, "there was not enough memory");
  } catch (const std::exception& fault) {
    return note_failure(name, fault.what());
  }
  const std::scoped_lock lock(mutex_);
  ++written_;
}

void Annotator::note_failure(const std::string& name, std::string_view why) {
  std::string text = fmt::format("{} was not written: {}", (folder_ / name).native(), why);
  const std::scoped_lock lock(mutex_);
  if (++failed_ > 1) return;
  log_error("{}", text);
  first_failure_ = std::move(text);
}

std::size_t Annotator::written() const {
  const std::scoped_lock lock(mutex_);
  return written_;
}

std::size_t Annotator::failed() const {
  const std::scoped_lock lock(mutex_);
  return failed_;
}

std::optional<std::string> Annotator::first_failure() const {
  const std::scoped_lock lock(mutex_);
  return first_failure_;
}

}  // namespace curlew
