#include "partition/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "partition/error.hpp"

namespace gasket {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

}  // namespace

/// Turns plain bytes into compressed ones.
class AtomicFile::Encoder {
 public:
  virtual ~Encoder() = default;
  /// The compressed bytes that `plain` adds; with `last` also the end of the stream.
  virtual std::string_view encode(std::string_view plain, bool last) = 0;

 protected:
  std::string out_;
};

struct AtomicFile::Gzip final : Encoder {
  Gzip() {
    constexpr int gzip_header = 15 + 16;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_header, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw ResourceError("out of memory for compressing");
  }
  ~Gzip() override { deflateEnd(&stream); }
  std::string_view encode(std::string_view plain, bool last) override {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    std::size_t filled = 0;
    do {
      out_.resize(filled + kBuffer);
      stream.next_out = reinterpret_cast<Bytef*>(out_.data() + filled);
      stream.avail_out = static_cast<uInt>(kBuffer);
      deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
      filled += kBuffer - stream.avail_out;
    } while (stream.avail_out == 0);
    return {out_.data(), filled};
  }
  z_stream stream{};
};

struct AtomicFile::Zstd final : Encoder {
  Zstd() : context(ZSTD_createCCtx()) {
    if (context == nullptr) throw ResourceError("out of memory for compressing");
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() override { ZSTD_freeCCtx(context); }
  std::string_view encode(std::string_view plain, bool last) override {
    ZSTD_inBuffer in{plain.data(), plain.size(), 0};
    std::size_t filled = 0;
    for (;;) {
      out_.resize(filled + kBuffer);
      ZSTD_outBuffer out{out_.data() + filled, kBuffer, 0};
      const std::size_t left = ZSTD_compressStream2(context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) throw ResourceError(fmt::format("compressing failed: {}", ZSTD_getErrorName(left)));
      filled += out.pos;
      if (last ? left == 0 : in.pos == in.size) return {out_.data(), filled};
    }
  }
  ZSTD_CCtx* context;
};

AtomicFile::AtomicFile(const std::string& path)
    : path_(path), temporary_(fmt::format("{}.partial-{}", path, getpid())) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    throw InputError(fmt::format("cannot write {}: it is a directory", path_));
  file_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) throw InputError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  if (path.ends_with(".gz")) encoder_ = std::make_unique<Gzip>();
  if (path.ends_with(".zst")) encoder_ = std::make_unique<Zstd>();
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  close(file_);
  unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* action) const {
  throw ResourceError(fmt::format("cannot {} {}: {}", action, path_, std::strerror(errno)));
}

void AtomicFile::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::flush() {
  put(encoder_ ? encoder_->encode(buffer_, false) : std::string_view(buffer_));
  buffer_.clear();
}

void AtomicFile::write(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), kBuffer - buffer_.size());
    buffer_.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    if (buffer_.size() == kBuffer) flush();
  }
}

void AtomicFile::write_at(std::size_t position, std::string_view bytes) {
  flush();
  if (pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(position)) != static_cast<ssize_t>(bytes.size()))
    fail("write");
}

void AtomicFile::commit() {
  flush();
  if (encoder_) put(encoder_->encode({}, true));
  if (fsync(file_) != 0) fail("sync");
  const int file = std::exchange(file_, -1);
  if (close(file) != 0 || rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    unlink(temporary_.c_str());
    errno = error;
    fail("finish");
  }
  // The new name itself must survive a crash too.
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  if (const int handle = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);
    close(handle);
  }
}

}  // namespace gasket
