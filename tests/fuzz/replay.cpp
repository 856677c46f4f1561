// Runs a fuzz target over its corpus, and over changes of each input that are the same on every machine.
// usage: replay_TARGET FOLDER CHANGES   (exit status 1 if the folder is missing or empty)
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz_input.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// In a block of its own size, so that the sanitizer sees a read behind the end.
void run(const Bytes& bytes) {
  const Bytes exact(bytes);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

/// FNV-1a.
std::uint64_t hash_of(const Bytes& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

/// Cuts the end off, turns a bit, sets a byte to one that limits are made of, doubles a piece, or takes one out.
Bytes changed(Bytes bytes, std::mt19937_64& random) {
  if (bytes.empty()) return {static_cast<std::uint8_t>(random() & 0xffU)};
  const std::size_t at = random() % bytes.size();
  const std::size_t length = 1 + random() % std::min<std::size_t>(bytes.size() - at, 64);
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto last = first + static_cast<std::ptrdiff_t>(length);
  constexpr std::uint8_t kTelling[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, '"', '/'};
  switch (random() % 5) {
    case 0:
      bytes.resize(at);
      break;
    case 1:
      *first ^= static_cast<std::uint8_t>(1U << (random() % 8));
      break;
    case 2:
      *first = kTelling[random() % std::size(kTelling)];
      break;
    case 3: {
      const Bytes piece(first, last);
      bytes.insert(first, piece.begin(), piece.end());
      break;
    }
    default:
      bytes.erase(first, last);
  }
  return bytes;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  int changes = -1;
  if (count == 3) {
    const std::string_view number = arguments[2];
    std::from_chars(number.data(), number.data() + number.size(), changes);
  }
  if (changes < 0) {
    std::fprintf(stderr, "usage: %s FOLDER CHANGES\n", arguments[0]);
    return 1;
  }
  const auto files = files_of(arguments[1]);
  if (files.empty()) {
    std::fprintf(stderr, "there is nothing to replay in %s\n", arguments[1]);
    return 1;
  }
  std::size_t runs = 0;
  for (const auto& path : files) {
    std::printf("%s\n", path.filename().c_str());  // the last one named is the one that failed
    std::fflush(stdout);
    const Bytes seed = contents_of(path);
    run(seed);
    std::mt19937_64 random(hash_of(seed));
    Bytes bytes = seed;
    for (int i = 0; i < changes; ++i) {
      if (i % 4 == 0) bytes = seed;  // up to four changes, one on top of the other
      bytes = changed(std::move(bytes), random);
      run(bytes);
    }
    runs += 1 + static_cast<std::size_t>(changes);
  }
  std::printf("%zu inputs, %zu runs\n", files.size(), runs);
  return 0;
}
