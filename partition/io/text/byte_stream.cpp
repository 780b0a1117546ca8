#include "partition/io/text/byte_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string_view>

#include "partition/big_array.hpp"
#include "partition/error.hpp"

namespace gasket::text {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kInput = std::size_t{1} << 20;
constexpr std::size_t kLargestCall = std::size_t{1} << 30;  // zlib counts in 32 bits

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(const InputFile& file) : file_(file) {}

  std::size_t read(std::span<char> bytes) override {
    const std::size_t got = file_.read_at(offset_, bytes);
    offset_ += got;
    return got;
  }
  std::uint64_t taken() const override { return offset_; }

 private:
  const InputFile& file_;
  std::uint64_t offset_ = 0;
};

// The compressed bytes, a piece at a time.
class CompressedInput {
 public:
  explicit CompressedInput(const InputFile& file)
      : file_(file), buffer_(static_cast<std::size_t>(std::clamp<std::uint64_t>(file.size(), 1, kInput))) {}

  /// The bytes not yet taken; empty only at the end of the file.
  std::span<char> peek() {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = file_.read_at(offset_, buffer_.span());
      offset_ += end_;
    }
    return buffer_.span().subspan(begin_, end_ - begin_);
  }
  void take(std::size_t bytes) { begin_ += bytes; }
  std::uint64_t taken() const { return offset_ - (end_ - begin_); }

  [[noreturn]] void fail_truncated(std::string_view kind) const {
    throw InputError(fmt::format("{}: truncated: the {} data ends in the middle", file_.path(), kind));
  }
  [[noreturn]] void fail_damaged(std::string_view kind, std::string_view why) const {
    throw InputError(fmt::format("{}: damaged: the {} data cannot be decompressed ({})", file_.path(), kind, why));
  }
  [[noreturn]] void fail_garbage(std::string_view kind) const {
    throw InputError(fmt::format("{}: damaged: the {} data is followed by something else at byte {}", file_.path(),
                                 kind, offset_ - (end_ - begin_)));
  }

 private:
  const InputFile& file_;
  BigArray<char> buffer_;
  std::uint64_t offset_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// A sequence of gzip members. zlib checks the CRC and the length of each.
class GzipStream : public ByteStream {
 public:
  explicit GzipStream(const InputFile& file) : input_(file) {
    if (inflateInit2(&state_, MAX_WBITS + 16) != Z_OK) throw ResourceError("out of memory: no decompressor for gzip");
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override { inflateEnd(&state_); }

  std::uint64_t taken() const override { return input_.taken(); }

  std::size_t read(std::span<char> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const std::span<char> input = input_.peek();
      if (input.empty()) {
        if (inside_) input_.fail_truncated("gzip");
        break;
      }
      if (!inside_) {
        if (skip_padding(input)) continue;
        if (input.front() != '\x1f') input_.fail_garbage("gzip");
        inflateReset(&state_);
        inside_ = true;
      }
      const std::size_t room = std::min(bytes.size() - done, kLargestCall);
      state_.next_in = reinterpret_cast<Bytef*>(input.data());
      state_.avail_in = static_cast<uInt>(input.size());
      state_.next_out = reinterpret_cast<Bytef*>(bytes.data() + done);
      state_.avail_out = static_cast<uInt>(room);
      const int code = inflate(&state_, Z_NO_FLUSH);
      input_.take(input.size() - state_.avail_in);
      done += room - state_.avail_out;
      if (code == Z_STREAM_END) {
        inside_ = false;
        ++members_;
      }
      if (code == Z_MEM_ERROR) throw ResourceError("out of memory while decompressing gzip");
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        input_.fail_damaged("gzip", state_.msg != nullptr ? state_.msg : "unknown reason");
    }
    return done;
  }

 private:
  // Zeros behind a member are padding, of tapes and blocks; gzip(1) passes over them too.
  bool skip_padding(std::span<char> input) {
    const auto zeros =
        static_cast<std::size_t>(std::ranges::find_if(input, [](char c) { return c != 0; }) - input.begin());
    if (zeros == 0 || members_ == 0) return false;
    input_.take(zeros);
    return true;
  }

  CompressedInput input_;
  std::uint64_t members_ = 0;
  z_stream state_{};
  bool inside_ = false;  // a member has begun and not ended
};

// A sequence of zstd frames. Frames written with a checksum are checked.
class ZstdStream : public ByteStream {
 public:
  explicit ZstdStream(const InputFile& file) : input_(file), state_(ZSTD_createDStream()) {
    if (state_ == nullptr) throw ResourceError("out of memory: no decompressor for zstd");
    ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound);
  }

  std::uint64_t taken() const override { return input_.taken(); }
  std::size_t read(std::span<char> bytes) override {
    ZSTD_outBuffer output{bytes.data(), bytes.size(), 0};
    while (output.pos < output.size) {
      const std::span<char> available = input_.peek();
      if (available.empty() && !inside_) break;
      const std::size_t before = output.pos;
      ZSTD_inBuffer input{available.data(), available.size(), 0};
      const std::size_t code = ZSTD_decompressStream(state_.get(), &output, &input);
      if (ZSTD_isError(code) != 0) {
        if (!inside_ && frames_ > 0) input_.fail_garbage("zstd");
        input_.fail_damaged("zstd", ZSTD_getErrorName(code));
      }
      input_.take(input.pos);
      inside_ = code != 0;
      if (!inside_) ++frames_;
      if (inside_ && available.empty() && output.pos == before) input_.fail_truncated("zstd");
    }
    return output.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  CompressedInput input_;
  std::unique_ptr<ZSTD_DStream, Free> state_;
  bool inside_ = false;  // a frame has begun and not ended
  std::uint64_t frames_ = 0;
};

struct Magic {
  std::string_view bytes;
  std::string_view name;
};
constexpr Magic kGzip{"\x1f\x8b"sv, "gzip"};
constexpr Magic kZstd{"\x28\xb5\x2f\xfd"sv, "zstd"};
constexpr Magic kUnsupported[] = {
    {"\xfd"
     "7zXZ\0"sv,
     "xz"},
    {"BZh"sv, "bzip2"},
    {"PK\x03\x04"sv, "zip"},
    {"7z\xbc\xaf\x27\x1c"sv, "7z"},
    {"\x04\x22\x4d\x18"sv, "lz4"},
};

// Parallel zstd begins with frames that hold sizes instead of data.
bool begins_skippable_frame(std::string_view bytes) {
  return bytes.size() >= 4 && (bytes[0] & '\xf0') == '\x50' && bytes.substr(1, 3) == "\x2a\x4d\x18"sv;
}

}  // namespace

Compression detect_compression(const InputFile& file) {
  char bytes[8];
  const std::string_view beginning(bytes, file.read_at(0, bytes));
  if (beginning.starts_with(kGzip.bytes)) return Compression::gzip;
  if (beginning.starts_with(kZstd.bytes) || begins_skippable_frame(beginning)) return Compression::zstd;
  for (const Magic& magic : kUnsupported)
    if (beginning.starts_with(magic.bytes))
      throw InputError(
          fmt::format("{}: is compressed with {}; only gzip and zstd can be read", file.path(), magic.name));
  return Compression::none;
}

std::unique_ptr<ByteStream> open_stream(const InputFile& file, Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return std::make_unique<GzipStream>(file);
    case Compression::zstd:
      return std::make_unique<ZstdStream>(file);
    case Compression::none:
      break;
  }
  return std::make_unique<PlainStream>(file);
}

}  // namespace gasket::text
