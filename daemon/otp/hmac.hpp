// SPDX-License-Identifier: Apache-2.0
// HMAC over eight-byte counters, the one primitive of HOTP. Each thread keeps one OpenSSL context per hash and keys it
// anew, which is three times faster than building one per call. Lives on the stack of the call that needs it; two with
// one algorithm must not be alive on one thread at once.
#pragma once

#include <array>
#include <cstdint>

#include "core/bytes.hpp"
#include "daemon/otp/totp.hpp"

struct evp_mac_ctx_st;

namespace factord::otp {

class Hmac {
 public:
  // Throws core::Error (internal) where OpenSSL has no such HMAC, or for an empty key.
  Hmac(Algorithm algorithm, core::ByteView key);
  // The thread's context forgets the key: OpenSSL's heap is no place for a seed to stay.
  ~Hmac();
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  // The view is good until the next call.
  core::ByteView of(std::uint64_t counter);

 private:
  evp_mac_ctx_st* context_;
  std::array<std::uint8_t, 64> tag_{};
};

}  // namespace factord::otp
