#include "curlew/base/shared_library.hpp"

#include <dlfcn.h>

#include "curlew/base/log.hpp"

namespace curlew {

void* open_shared_library(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    log_warning("the library {} cannot be opened: {}", name, why == nullptr ? "no reason is known" : why);
  }
  return library;
}

void* find_symbol(void* library, const char* name) { return dlsym(library, name); }

std::string package_of_library(std::string name) {
  if (const auto at = name.find(".so."); at != std::string::npos) name.erase(at, 4);
  return name;
}

}  // namespace curlew
