// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/otp/mac_calls.hpp"

#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <mutex>

#include "tests/support/genuine.hpp"

namespace factord::tests {
namespace {

constexpr std::size_t kinds = 8;

struct Kind {
  std::atomic<int> count = 0;
  std::atomic<int> until_failure = 0;  // 0: never
};
std::array<Kind, kinds> state;
std::mutex key_lock;  // some tests make codes on several threads
std::vector<std::uint8_t> key;

Kind& of(MacCall call) { return state.at(static_cast<std::size_t>(call)); }

bool fails(MacCall call) {
  ++of(call).count;
  return of(call).until_failure > 0 && --of(call).until_failure == 0;
}

void reset() {
  for (auto& kind : state) kind.count = kind.until_failure = 0;
  const std::lock_guard lock(key_lock);
  key.clear();
}

void keep(const unsigned char* given, std::size_t size) {
  const std::lock_guard lock(key_lock);
  key.assign(given, given + size);
}

}  // namespace

MacCalls::MacCalls() { reset(); }
MacCalls::~MacCalls() { reset(); }
void MacCalls::fail(MacCall call, int nth) { of(call).until_failure = nth; }
int MacCalls::count(MacCall call) { return of(call).count; }
std::vector<std::uint8_t> MacCalls::last_key() {
  const std::lock_guard lock(key_lock);
  return key;
}

}  // namespace factord::tests

using factord::tests::fails;
using factord::tests::MacCall;

extern "C" {

EVP_MAC* EVP_MAC_fetch(OSSL_LIB_CTX* library, const char* algorithm, const char* properties) {
  static const auto next = factord::tests::genuine(&EVP_MAC_fetch, "EVP_MAC_fetch");
  return fails(MacCall::fetch) ? nullptr : next(library, algorithm, properties);
}

EVP_MAC_CTX* EVP_MAC_CTX_new(EVP_MAC* mac) {
  static const auto next = factord::tests::genuine(&EVP_MAC_CTX_new, "EVP_MAC_CTX_new");
  return fails(MacCall::make_context) ? nullptr : next(mac);
}

int EVP_MAC_CTX_set_params(EVP_MAC_CTX* context, const OSSL_PARAM parameters[]) {
  static const auto next = factord::tests::genuine(&EVP_MAC_CTX_set_params, "EVP_MAC_CTX_set_params");
  return fails(MacCall::set_parameters) ? 0 : next(context, parameters);
}

int EVP_MAC_init(EVP_MAC_CTX* context, const unsigned char* key, std::size_t size, const OSSL_PARAM parameters[]) {
  static const auto next = factord::tests::genuine(&EVP_MAC_init, "EVP_MAC_init");
  if (fails(MacCall::init)) return 0;
  if (key != nullptr) factord::tests::keep(key, size);
  return next(context, key, size, parameters);
}

int EVP_MAC_update(EVP_MAC_CTX* context, const unsigned char* data, std::size_t size) {
  static const auto next = factord::tests::genuine(&EVP_MAC_update, "EVP_MAC_update");
  return fails(MacCall::update) ? 0 : next(context, data, size);
}

int EVP_MAC_final(EVP_MAC_CTX* context, unsigned char* out, std::size_t* size, std::size_t room) {
  static const auto next = factord::tests::genuine(&EVP_MAC_final, "EVP_MAC_final");
  return fails(MacCall::final) ? 0 : next(context, out, size, room);
}

void EVP_MAC_CTX_free(EVP_MAC_CTX* context) {
  static const auto next = factord::tests::genuine(&EVP_MAC_CTX_free, "EVP_MAC_CTX_free");
  fails(MacCall::end_context);
  next(context);
}

void EVP_MAC_free(EVP_MAC* mac) {
  static const auto next = factord::tests::genuine(&EVP_MAC_free, "EVP_MAC_free");
  fails(MacCall::end_fetched);
  next(mac);
}

}  // extern "C"
