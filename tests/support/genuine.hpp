// SPDX-License-Identifier: Apache-2.0
// For test programs that put a function of their own in front of a library's, of the same name, to count its calls or
// to let them fail. Any thread.
#pragma once

#include <dlfcn.h>

namespace factord::tests {

// The library's own function. The first argument only says its type.
template <typename Function>
Function* genuine(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace factord::tests
