// SPDX-License-Identifier: Apache-2.0
// A certificate and everything that is asked of one.
#include "daemon/webauthn/certificate.hpp"

#include "daemon/webauthn/trust_anchors.hpp"
#include "tests/fuzz/oracle.hpp"
#include "tests/support/cbor_writer.hpp"
#include "tests/support/fixed.hpp"

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
  certificate.signed_by(certificate);
  certificate.is_end_entity();
  certificate.rsa_key();
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

void ask_for_trust(core::ByteView der) {
  const core::Time at = tests::FixedClock().at;
  const core::Bytes list = tests::cbor::array({tests::cbor::bytes(der), tests::cbor::bytes(der)});
  const auto chain = read_chain(read_whole_cbor(list));
  promise(chain && chain->size() == 2, "a chain is of certificates");
  promise(!TrustAnchors().vouch_for(*chain, at), "nothing vouches without anchors");
  TrustAnchors(*chain).vouch_for(*chain, at);
  const auto file = read_certificates(der);
  promise(file && file->size() == 1, "a file may hold it as it is");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  const core::ByteView der(data, size);
  const auto certificate = webauthn::Certificate::read(der);
  webauthn::read_certificates(der);
  webauthn::read_base64_certificate(core::text_of(der));
  if (!certificate) return 0;
  fuzz::promise(!webauthn::Certificate::read(fuzz::with_a_byte_more(der)), "no byte is left over");
  fuzz::promise(!webauthn::Certificate::read(der.first(size - 1)), "no byte is missing");
  fuzz::ask(*certificate);
  fuzz::ask_for_trust(der);
  return 0;
}
