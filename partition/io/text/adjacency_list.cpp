#include "partition/io/text/adjacency_list.hpp"

#include <mutex>
#include <vector>

#include "partition/io/text/adjacency_parser.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/name_parser.hpp"
#include "partition/io/text/sample.hpp"

namespace gasket::text {
namespace {

class AdjacencyListSource final : public EdgeSource {
 public:
  AdjacencyListSource(Reading reading, TextFile file) : reading_(std::move(reading)), file_(std::move(file)) {}

  std::string describe() const override { return reading_.name; }
  std::string said() const override { return "adjacency list"; }
  bool weighted() const override { return false; }
  bool names_lone_vertices() const override { return true; }
  SourceSize estimate_size() const override { return sample_size(file_, true); }

  void read_edges(const ChunkSink& sink) override {
    read_blocks(file_, reading_.share, reading_.block_bytes, [&](const Block& block) {
      AdjacencyBlock read = parse_adjacency(block);
      if (!read.lone.empty()) {
        const std::lock_guard lock(guard_);
        lone_.push_back(std::move(read.lone));
      }
      if (read.edges.size() > 0) sink(std::move(read.edges));
    });
  }
  void read_vertices(const VertexSink& sink) override {
    for (const BigArray<ExternalId>& ids : lone_) sink(ids.span());
    lone_.clear();
  }

 private:
  Reading reading_;
  TextFile file_;
  std::mutex guard_;
  std::vector<BigArray<ExternalId>> lone_;
};

class NamedAdjacencySource final : public EdgeSource {
 public:
  NamedAdjacencySource(Reading reading, TextFile file) : reading_(std::move(reading)), file_(std::move(file)) {}

  std::string describe() const override { return reading_.name; }
  std::string said() const override { return "adjacency list, ids are strings"; }
  bool weighted() const override { return false; }
  NameTable* names() override { return &names_; }
  SourceSize estimate_size() const override {
    SourceSize size = sample_size(file_, true);
    size.names = true;
    return size;
  }

  void read_edges(const ChunkSink& sink) override {
    read_blocks(file_, reading_.share, reading_.block_bytes, [&](const Block& block) {
      EdgeChunk chunk = parse_named_adjacency(block, names_);
      if (chunk.size() > 0) sink(std::move(chunk));
    });
  }

 private:
  Reading reading_;
  TextFile file_;
  NameTable names_;
};

}  // namespace

std::unique_ptr<EdgeSource> open_adjacency_list(const std::string& path, Reading reading, bool names) {
  TextFile file = open_text_file(path, "an adjacency list");
  file.longest_line = kLongestAdjacency;
  if (names) return std::make_unique<NamedAdjacencySource>(std::move(reading), std::move(file));
  return std::make_unique<AdjacencyListSource>(std::move(reading), std::move(file));
}

}  // namespace gasket::text
