// SPDX-License-Identifier: Apache-2.0
// A certificate and everything that is asked of one.
#include "daemon/webauthn/certificate.hpp"

#include "tests/fuzz/oracle.hpp"
#include "tests/support/cbor_writer.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;

constexpr int algorithms[] = {algorithm::es256, algorithm::es384, algorithm::es512,
                              algorithm::rs256, algorithm::eddsa, 0};

void ask_for_keys(const Certificate& certificate) {
  int elliptic = 0;
  for (const int algorithm : algorithms) {
    const auto key = certificate.key_for(algorithm);
    if (!key) continue;
    promise(algorithm != 0 && key->algorithm() == algorithm, "a key is for the algorithm that was asked for");
    promise(!key->verify({core::bytes_of("message")}, core::Bytes(64)), "zeros are no signature");
    elliptic += curve_of(algorithm) ? 1 : 0;
  }
  promise(elliptic <= 1, "a key lies on one curve");
}

void ask(const Certificate& certificate) {
  ask_for_keys(certificate);
  bool was_valid = false, is_over = false;
  for (const std::int64_t seconds : {-1LL, 0LL, 1'000'000'000LL, 1'700'000'000LL, 2'500'000'000LL, 253'402'300'800LL}) {
    const bool valid = certificate.valid_at(core::Time(std::chrono::seconds(seconds)));
    promise(!valid || !is_over, "validity is one span of time");
    is_over = is_over || (was_valid && !valid);
    was_valid = valid;
  }
  certificate.signed_by(certificate);
  promise(!certificate.is_authority() || !certificate.is_end_entity(), "it is not both");
  for (const int kind : {13, 14, 17, 18, 19}) certificate.subject_entry(kind);  // C, O and others
  promise(certificate.has_subject() || certificate.subject_entry(13).empty(),
          "a subject has the entries that are found");
  for (const char* oid : {"2.5.29.19", "2.5.29.17", "1.3.6.1.4.1.45724.1.1.4", "1.3.6.1.4.1.11129.2.1.17"}) {
    certificate.extension(oid);
    certificate.device_entry(oid);
    certificate.serves(oid);
  }
  certificate.device_entry("2.23.133.2.1");
  certificate.serves("2.23.133.8.3");
  certificate.aaguid_defect(core::Bytes(16));
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  const core::ByteView der(data, size);
  const auto certificate = webauthn::Certificate::read(der);
  const core::Bytes list = tests::cbor::array({tests::cbor::bytes(der), tests::cbor::bytes(der)});
  const auto x5c = webauthn::read_whole_cbor(list);
  fuzz::promise(x5c && webauthn::read_chain(*x5c).has_value() == certificate.has_value(), "a chain is of certificates");
  if (!certificate) return 0;
  fuzz::promise(!webauthn::Certificate::read(fuzz::with_a_byte_more(der)), "no byte is left over");
  fuzz::promise(!webauthn::Certificate::read(der.first(size - 1)), "no byte is missing");
  fuzz::ask(*certificate);
  return 0;
}
