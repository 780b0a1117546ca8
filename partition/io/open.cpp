#include "partition/io/open.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "partition/atoms/index.hpp"
#include "partition/atoms/source.hpp"
#include "partition/io/binary/gapbs.hpp"
#include "partition/io/binary/pairs.hpp"
#include "partition/io/generate.hpp"
#include "partition/io/gsk.hpp"
#include "partition/io/text_source.hpp"

namespace gasket {
namespace {

constexpr SourceFormat kFormats[] = {
    {"auto", "as the name says (the endings below), or the first bytes"},
    {"snap", "edge list, blanks between columns (.txt .el .wel and any other name)"},
    {"tsv", "the same (.tsv)"},
    {"csv", "the same with commas or semicolons, perhaps with a header (.csv)"},
    {"ldbc", "LDBC Graphalytics (.v and .e, .properties)"},
    {"mtx", "Matrix Market (.mtx)"},
    {"dimacs", "DIMACS shortest path (.gr)"},
    {"metis", "METIS (.graph .metis)"},
    {"adjlist", "adjacency list, u v1 v2 ... or u: v1 v2 ... (.adjlist .adj)"},
    {"gsk", "gasket's own (.gsk)"},
    {"sg", "serialized graph of the GAP benchmark suite (.sg)"},
    {"wsg", "the same with weights (.wsg)"},
    {"u32", "binary pairs of 32-bit ids (.bin32 .binedgelist)"},
    {"u32w", "the same, each with a 32-bit float (.wbin32)"},
    {"u64", "binary pairs of 64-bit ids (.bin64)"},
    {"u64w", "the same, each with a 64-bit float (.wbin64)"},
};

struct BinaryEnding {
  std::string_view ending, format;
};
constexpr BinaryEnding kBinaryEndings[] = {{".gsk", "gsk"},     {".sg", "sg"},          {".wsg", "wsg"},
                                           {".wbin32", "u32w"}, {".wbin64", "u64w"},    {".bin32", "u32"},
                                           {".bin64", "u64"},   {".binedgelist", "u32"}};

bool names_generator(const std::string& path) {
  const std::string_view kind = std::string_view(path).substr(0, path.find(':'));
  return kind.size() < path.size() && std::ranges::find(generator_kinds(), kind) != generator_kinds().end();
}

// The binary format that the options name, or the file's name or first bytes; empty when it is text.
std::string_view binary_format(const SourceOptions& options) {
  const bool automatic = options.format == "auto";
  for (const BinaryEnding& known : kBinaryEndings)
    if (automatic ? options.path.ends_with(known.ending) : options.format == known.format) return known.format;
  return automatic && looks_like_gsk(options.path) ? "gsk" : "";
}

TextOptions text_options(const SourceOptions& options) {
  return {.path = options.path,
          .format = parse_text_format(options.format),
          .read_weights = options.weights,
          .names = options.names};
}

enum class Kind { generator, atoms, file };

Kind kind_of(const SourceOptions& options) {
  if (options.format == "auto" && names_generator(options.path)) return Kind::generator;
  if (options.format == "auto" && looks_like_atoms(options.path)) return Kind::atoms;
  return Kind::file;
}

std::unique_ptr<EdgeSource> open_here(const SourceOptions& options, Share share) {
  const Kind kind = kind_of(options);
  if (kind == Kind::generator) {
    if (options.names)
      throw UsageError(fmt::format("--ids string: {} is a graph to generate, whose ids are numbers", options.path));
    return open_generator(parse_generator(options.path), share);
  }
  if (kind == Kind::atoms) {
    if (options.names)
      throw UsageError(fmt::format("--ids string: {} is a folder of atoms, whose ids are numbers", options.path));
    return open_atoms(options.path, share, options.weights);
  }
  const std::string_view binary = binary_format(options);
  if (binary == "gsk") {
    auto source = open_gsk(options.path, share, options.weights);
    if (options.names && !source->stores_names())
      throw UsageError(fmt::format("--ids string: {} was made from a graph whose ids are numbers", options.path));
    return source;
  }
  if (binary.empty()) return open_text(text_options(options), share);
  if (options.names)
    throw UsageError(fmt::format("--ids string: {} is a binary file, whose ids are numbers", options.path));
  if (binary == "sg" || binary == "wsg") return open_gapbs(options.path, share, binary == "wsg", options.weights);
  const std::size_t bytes = binary.starts_with("u32") ? 4 : 8;
  const PairFormat pairs{.id_bytes = bytes, .weight_bytes = binary.ends_with('w') ? bytes : 0};
  return open_pairs(options.path, share, pairs, options.weights);
}

}  // namespace

std::span<const SourceFormat> source_formats() { return kFormats; }

bool reads_as_edge_list(const std::string& path) {
  if (std::ranges::any_of(kBinaryEndings, [&](const BinaryEnding& known) { return path.ends_with(known.ending); }))
    return false;
  const TextFormat format = text_format_of_name(path);
  return format == TextFormat::snap || format == TextFormat::csv;
}

std::unique_ptr<EdgeSource> open_source(Communicator& comm, const SourceOptions& options) {
  std::unique_ptr<EdgeSource> source;
  comm.agree([&] { source = open_here(options, {comm.rank(), comm.size()}); });
  return source;
}

void refuse_negative_line(Communicator& comm, const SourceOptions& options, bool but_self_loops) {
  std::unique_ptr<EdgeSource> source;
  comm.agree([&] {
    if (kind_of(options) != Kind::file || !binary_format(options).empty()) return;
    TextOptions text = text_options(options);
    text.read_weights = text.refuse_negative = true;
    text.but_self_loops = but_self_loops;
    source = open_text(text, {comm.rank(), comm.size()});
  });
  if (!source) return;
  source->prepare(comm);
  comm.agree([&] { source->read_edges([](EdgeChunk&&) {}); });
}

}  // namespace gasket
