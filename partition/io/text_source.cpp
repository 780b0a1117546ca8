#include "partition/io/text_source.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "partition/error.hpp"
#include "partition/io/text/block_parser.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/text_file.hpp"

namespace gasket {
namespace {

using text::TextFile;

class TextEdgeSource : public EdgeSource {
 public:
  TextEdgeSource(const TextOptions& options, Share share, TextFile edges, std::optional<TextFile> vertices)
      : name_(options.path),
        share_(share),
        block_bytes_(options.block_bytes),
        weighted_(options.read_weights && edges.columns >= 3),
        edges_(std::move(edges)),
        vertices_(std::move(vertices)) {}

  std::string describe() const override { return name_; }
  bool weighted() const override { return weighted_; }
  bool lists_vertices() const override { return vertices_.has_value(); }

  void read_vertices(const VertexSink& sink) override {
    if (!vertices_) return;
    text::read_blocks(*vertices_, share_, block_bytes_, [&](const text::Block& block) {
      const BigArray<ExternalId> ids = text::parse_vertices(block);
      if (!ids.empty()) sink(ids.span());
    });
  }

  void read_edges(const ChunkSink& sink) override {
    text::read_blocks(edges_, share_, block_bytes_, [&](const text::Block& block) {
      EdgeChunk chunk = text::parse_edges(block, weighted_);
      if (chunk.size() > 0) sink(std::move(chunk));
    });
  }

 private:
  std::string name_;
  Share share_;
  std::size_t block_bytes_;
  bool weighted_;
  TextFile edges_;
  std::optional<TextFile> vertices_;
};

constexpr std::array<std::string_view, 3> kSuffixes = {"", ".gz", ".zst"};

std::string_view without_suffix(std::string_view path, std::string_view suffix) {
  return path.ends_with(suffix) ? path.substr(0, path.size() - suffix.size()) : path;
}

std::string_view without_compression(std::string_view path) {
  return without_suffix(without_suffix(path, ".gz"), ".zst");
}

struct LdbcName {
  std::string name;  // without .v or .e
  bool has_ending;
};

LdbcName ldbc_name(const std::string& path) {
  const std::string_view plain = without_compression(path);
  if (plain.ends_with(".v") || plain.ends_with(".e")) return {std::string(plain.substr(0, plain.size() - 2)), true};
  return {path, false};
}

// The file with this name, compressed or not.
std::optional<std::string> find_file(const std::string& name) {
  for (const std::string_view suffix : kSuffixes)
    if (std::string path = name + std::string(suffix); text::file_exists(path)) return path;
  return std::nullopt;
}

TextFormat guess_format(const std::string& path) {
  const LdbcName ldbc = ldbc_name(path);
  const bool pair = find_file(ldbc.name + ".v") && find_file(ldbc.name + ".e");
  // A list of vertices read as edges would be nonsense; as LDBC the missing half is named.
  if (without_compression(path).ends_with(".v")) return TextFormat::ldbc;
  if (pair && (ldbc.has_ending || !text::file_exists(path))) return TextFormat::ldbc;
  return without_compression(path).ends_with(".csv") ? TextFormat::csv : TextFormat::snap;
}

void refuse_empty(const TextFile& text, std::string_view expected) {
  if (text.file.size() == 0) throw InputError(fmt::format("{}: is empty, expected {}", text.file.path(), expected));
}

std::unique_ptr<EdgeSource> open_ldbc(const TextOptions& options, Share share) {
  const std::string name = ldbc_name(options.path).name;
  const auto open = [&](const char* ending, const std::string& expected) {
    const std::optional<std::string> path = find_file(name + ending);
    if (!path)
      throw InputError(fmt::format(
          "{0}{1}: no such file; an LDBC graph is {0}.v and {0}.e, each perhaps with .gz or .zst", name, ending));
    return text::open_text_file(*path, expected, false);
  };
  TextFile vertices = open(".v", "a list of vertex ids");
  TextFile edges = open(".e", "an edge list");
  refuse_empty(vertices, "a list of vertex ids");  // an empty .e is a graph without edges
  return std::make_unique<TextEdgeSource>(options, share, std::move(edges), std::move(vertices));
}

}  // namespace

std::unique_ptr<EdgeSource> open_text(const TextOptions& options, Share share) {
  const TextFormat format = options.format == TextFormat::automatic ? guess_format(options.path) : options.format;
  if (format == TextFormat::ldbc) return open_ldbc(options, share);
  TextFile edges = text::open_text_file(options.path, "an edge list", format == TextFormat::csv);
  refuse_empty(edges, "an edge list");
  return std::make_unique<TextEdgeSource>(options, share, std::move(edges), std::nullopt);
}

TextFormat parse_text_format(const std::string& name) {
  constexpr std::pair<std::string_view, TextFormat> formats[] = {{"auto", TextFormat::automatic},
                                                                 {"snap", TextFormat::snap},
                                                                 {"tsv", TextFormat::tsv},
                                                                 {"csv", TextFormat::csv},
                                                                 {"ldbc", TextFormat::ldbc}};
  for (const auto& [known, format] : formats)
    if (name == known) return format;
  throw UsageError(fmt::format("unknown text format '{}'; allowed: auto, snap, tsv, csv, ldbc", name));
}

std::vector<std::string> text_files_of(const std::string& path) {
  std::vector<std::string> files{path};
  const std::string name = ldbc_name(path).name;
  for (const char* ending : {".v", ".e"})
    if (const auto file = find_file(name + ending)) files.push_back(*file);
  return files;
}

}  // namespace gasket
