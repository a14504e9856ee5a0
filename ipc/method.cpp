// SPDX-License-Identifier: Apache-2.0
#include "ipc/method.hpp"

namespace factord::ipc {
namespace {

std::string signature(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) text += signature_of(parameter.type);
  return text;
}

}  // namespace

std::string in_signature(const Method& method) {
  return signature(method.in) + (method.takes_options ? std::string(signature_of(Type::dict)) : "");
}

std::string out_signature(const Method& method) { return signature(method.out); }

}  // namespace factord::ipc
