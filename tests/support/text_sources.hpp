#pragma once
// Text files for one test, plain or compressed, and what a source reads from them.

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/text_source.hpp"
#include "partition/parallel.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/text_reference.hpp"

namespace gasket::test {

using Edges = std::vector<ReferenceEdge>;

// A folder for the files of one test, which may use several threads.
class Folder {
 public:
  Folder() = default;
  ~Folder() { parallel::set_threads(1); }

  std::string operator/(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::remove(*this / name);  // some file systems wait for the disk when a file is overwritten
    std::ofstream(*this / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return *this / name;
  }

 private:
  ScratchFolder folder_;
};

inline std::string gzip(const std::string& text, int level = 6) {
  z_stream state{};
  REQUIRE(deflateInit2(&state, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string bytes(deflateBound(&state, text.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(bytes.data());
  state.avail_out = static_cast<uInt>(bytes.size());
  REQUIRE(deflate(&state, Z_FINISH) == Z_STREAM_END);
  bytes.erase(state.total_out);
  deflateEnd(&state);
  return bytes;
}

inline std::string zstd(const std::string& text) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress2(context, bytes.data(), bytes.size(), text.data(), text.size());
  ZSTD_freeCCtx(context);
  REQUIRE(ZSTD_isError(size) == 0);
  bytes.resize(size);
  return bytes;
}

using Compressor = std::string (*)(const std::string&);
inline constexpr Compressor kGzip = [](const std::string& text) { return gzip(text); };

// The edges of one share, in any order.
inline Edges read_share(const TextOptions& options, Share share) {
  Edges edges;
  std::mutex guard;
  const auto source = open_text(options, share);
  source->read_edges([&](EdgeChunk&& chunk) {
    const std::lock_guard lock(guard);
    if (chunk.size() == 0 || chunk.weighted() != source->weighted()) throw std::logic_error("an odd chunk");
    chunk.for_each([&](std::uint64_t from, std::uint64_t to, std::size_t i) {
      edges.push_back({from, to, chunk.weighted() ? chunk.weights[i] : 0.0});
    });
  });
  return edges;
}

inline Edges sorted(Edges edges) {
  std::sort(edges.begin(), edges.end(), [](const ReferenceEdge& a, const ReferenceEdge& b) {
    return std::tie(a.source, a.target, a.weight) < std::tie(b.source, b.target, b.weight);
  });
  return edges;
}

inline Edges read_all(const TextOptions& options, int ranks = 1) {
  Edges edges;
  for (int rank = 0; rank < ranks; ++rank) {
    const Edges share = read_share(options, {rank, ranks});
    edges.insert(edges.end(), share.begin(), share.end());
  }
  return sorted(edges);
}

inline std::string error_of(const TextOptions& options, Share share = {}) {
  try {
    const auto source = open_text(options, share);
    source->read_vertices([](std::span<const ExternalId>) {});
    source->read_edges([](EdgeChunk&&) {});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace gasket::test
