#pragma once

#include <string>

namespace curlew {

/// A library that is opened at its first use; it stays open. Null where it cannot be, and the log says why.
void* open_shared_library(const std::string& name);

/// The address of a function of `library`; null where it has none of that name.
void* find_symbol(void* library, const char* name);

/// Puts the function of that name into `function`; false where there is none.
template <class Function>
bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(find_symbol(library, name));
  return function != nullptr;
}

/// Debian's package of a library: libavif.so.15 is in libavif15.
std::string package_of_library(std::string name);

}  // namespace curlew
