// SPDX-License-Identifier: Apache-2.0
#include "daemon/attestation_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/fd.hpp"
#include "core/log.hpp"

namespace factord::daemon {
namespace {

using std::filesystem::path;

constexpr std::size_t max_certificates = 4 * 1'048'576;  // of all files together
constexpr std::size_t max_metadata = 32 * 1'048'576;
constexpr std::array<const char*, 4> endings{".pem", ".crt", ".cer", ".der"};
constexpr auto usual_signer = "mds.fidoalliance.org";

[[noreturn]] void refuse(const path& file, const std::string& what) { throw ConfigError(file.string() + ": " + what); }

// Opened without waiting: a pipe in the place of a file must not stop the daemon.
core::Bytes read_file(const path& file, std::size_t most, const char* too_large) {
  const core::Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) refuse(file, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(file, "is not a file");
  if (static_cast<std::size_t>(status.st_size) > most) refuse(file, too_large);
  core::Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < bytes.size(); size += static_cast<std::size_t>(got)) {
    got = read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0) refuse(file, std::strerror(errno));
  }
  bytes.resize(size);
  return bytes;
}

std::vector<path> certificate_files(const path& folder) {
  std::vector<path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (std::ranges::find(endings, entry->path().extension()) != endings.end() && !entry->is_directory(error))
      files.push_back(entry->path());
  if (error) refuse(folder, error.message());
  std::ranges::sort(files);  // so that of several faults the same one is told
  return files;
}

webauthn::TrustAnchors read_anchors(const std::vector<path>& files) {
  std::vector<webauthn::Certificate> anchors;
  std::size_t left = max_certificates;
  for (const path& file : files) {
    const core::Bytes bytes = read_file(file, left, "is too large: the certificates together may have 4 MiB");
    left -= bytes.size();
    auto certificates = webauthn::read_certificates(bytes);
    if (!certificates) refuse(file, "holds no certificate, or one that cannot be read");
    std::ranges::move(*certificates, std::back_inserter(anchors));
  }
  return webauthn::TrustAnchors(anchors);
}

// An editor, or a shell, ends a file with a line's end.
std::string_view without_line_end(std::string_view text) { return text.substr(0, text.find_last_not_of("\r\n") + 1); }

// Offline, an old blob is better than none; whoever is to fetch a new one must hear of it.
void warn_if_old(const webauthn::Metadata& metadata, const path& file, core::Time at) {
  if (metadata.outdated(at))
    core::log(core::Severity::warning, "The metadata is older than it says it should be; it is still used",
              {{"FACTORD_FILE", file.native()}, {"FACTORD_METADATA", std::to_string(metadata.number())}});
}

webauthn::Metadata read_metadata(const AttestationSettings& settings, core::Time at) try {
  const webauthn::JwsSigner signer{read_anchors({settings.metadata_root}),
                                   settings.metadata_signer.empty() ? usual_signer : settings.metadata_signer};
  const core::Bytes blob = read_file(settings.metadata, max_metadata, "is too large: 32 MiB are the limit");
  auto metadata = webauthn::Metadata::read(without_line_end(core::text_of(blob)), signer, at);
  warn_if_old(metadata, settings.metadata, at);
  return metadata;
} catch (const webauthn::BlobError& error) {
  refuse(settings.metadata, std::string("refused as metadata: ") + error.what());
}

}  // namespace

std::shared_ptr<const webauthn::AttestationPolicy> read_attestation_policy(const AttestationSettings& settings,
                                                                           core::Time at) {
  webauthn::AttestationPolicy policy{.trust_required = settings.trust_required,
                                     .anchors = {},
                                     .metadata = std::nullopt,
                                     .allowed = settings.allowed,
                                     .denied = settings.denied};
  if (!settings.trust_anchors.empty()) policy.anchors = read_anchors(certificate_files(settings.trust_anchors));
  if (!settings.metadata.empty()) policy.metadata = read_metadata(settings, at);
  if (policy.trust_required && policy.anchors.empty() && !policy.metadata)
    refuse(settings.trust_anchors, "holds no certificates: nothing would be trusted");
  if (!policy.trust_required && !policy.metadata && policy.allowed.empty() && policy.denied.empty()) return nullptr;
  return std::make_shared<const webauthn::AttestationPolicy>(std::move(policy));
}

}  // namespace factord::daemon
