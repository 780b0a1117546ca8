#include "partition/io/text/ldbc_files.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "partition/error.hpp"
#include "partition/io/line_reader.hpp"
#include "partition/io/text/bad_line.hpp"
#include "partition/io/text/file_name.hpp"

namespace gasket::text {
namespace {

constexpr std::string_view kProperties = ".properties";

// The file with this name, compressed or not.
std::optional<std::string> find_file(const std::string& name) {
  for (const std::string_view suffix : {"", ".gz", ".zst"})
    if (std::string path = name + std::string(suffix); file_exists(path)) return path;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Lines `graph.NAME.key = value`; of the keys those that matter here.
class Properties {
 public:
  Properties(const std::string& path, LdbcFiles& files) : reader_(path, "the properties of a graph"), files_(files) {
    std::string_view line;
    while (reader_.next(line)) {
      line = trimmed(line);
      if (line.empty() || line[0] == '#' || line[0] == '!') continue;
      const std::size_t equals = line.find_first_of("=:");
      if (equals == std::string_view::npos) reader_.fail(fmt::format("expected 'key = value', found {}", shown(line)));
      take(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    }
    if (files_.directed && !files_.weighted) files_.weighted = false;  // a description that names no property
  }

 private:
  void take(std::string_view key, std::string_view value) {
    if (key.ends_with(".vertex-file"))
      files_.vertices = named(value);
    else if (key.ends_with(".edge-file"))
      files_.edges = named(value);
    else if (key.ends_with(".directed"))
      files_.directed = truth(value);
    else if (key.ends_with(".edge-properties.names"))
      files_.weighted = !value.empty();
    else if (key.ends_with(".meta.vertices"))
      files_.vertex_count = count(value, files_.vertex_count_line);
    else if (key.ends_with(".meta.edges"))
      files_.edge_count = count(value, files_.edge_count_line);
  }
  std::string named(std::string_view value) const {
    if (value.empty()) reader_.fail("names no file");
    const std::filesystem::path beside = std::filesystem::path(reader_.path()).parent_path() / std::string(value);
    if (const auto found = find_file(beside.string())) return *found;
    reader_.fail(fmt::format("names {}, which is not there", shown(value)));
  }
  bool truth(std::string_view value) const {
    if (value == "true") return true;
    if (value != "false") reader_.fail(fmt::format("expected true or false, found {}", shown(value)));
    return false;
  }
  std::uint64_t count(std::string_view value, std::uint64_t& line) const {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
      reader_.fail(fmt::format("expected a number, found {}", shown(value)));
    line = reader_.line_number();
    return number;
  }

  LineReader reader_;
  LdbcFiles& files_;
};

}  // namespace

std::string ldbc_name(const std::string& path) {
  const std::string_view plain = without_compression(path);
  for (const std::string_view ending : {std::string_view(".v"), std::string_view(".e"), kProperties})
    if (plain.ends_with(ending)) return std::string(plain.substr(0, plain.size() - ending.size()));
  return path;
}

bool names_ldbc(const std::string& path) {
  const std::string_view plain = without_compression(path);
  // A list of vertices read as edges would be nonsense; as LDBC the missing half is named.
  if (plain.ends_with(".v") || plain.ends_with(kProperties)) return true;
  const std::string name = ldbc_name(path);
  const bool pair = file_exists(name + std::string(kProperties)) || (find_file(name + ".v") && find_file(name + ".e"));
  return pair && (name != path || !file_exists(path));
}

LdbcFiles find_ldbc(const std::string& path) {
  LdbcFiles files;
  const std::string name = ldbc_name(path);
  if (const std::string properties = name + std::string(kProperties);
      file_exists(properties) || without_compression(path).ends_with(kProperties)) {
    files.properties = properties;
    Properties(properties, files);
  }
  const auto find = [&](const char* ending, std::string& file) {
    if (!file.empty()) return;
    const std::optional<std::string> found = find_file(name + ending);
    if (!found)
      throw InputError(fmt::format(
          "{0}{1}: no such file; an LDBC graph is {0}.v and {0}.e, each perhaps with .gz or .zst", name, ending));
    file = *found;
  };
  find(".v", files.vertices);
  find(".e", files.edges);
  return files;
}

std::vector<std::string> ldbc_files_there(const std::string& path) {
  std::vector<std::string> files;
  const std::string name = ldbc_name(path);
  for (const char* ending : {".v", ".e", ".properties"})
    if (const auto file = find_file(name + ending)) files.push_back(*file);
  return files;
}

}  // namespace gasket::text
