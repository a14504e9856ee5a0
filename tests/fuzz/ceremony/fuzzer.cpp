// SPDX-License-Identifier: Apache-2.0
// The target: every input is a ceremony with changes.
#include "tests/fuzz/ceremony/ceremony.hpp"
#include "tests/fuzz/oracle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string wrong = factord::fuzz::run_ceremony({data, size});
  factord::fuzz::promise(wrong.empty(), wrong.c_str());
  return 0;
}
