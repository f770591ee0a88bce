//! Text and lists across SoapySDR's C interface.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::slice;

use soapysdr_sys::{
    SoapySDR_free, SoapySDRKwargs, SoapySDRKwargs_clear, SoapySDRKwargsList_clear, SoapySDRRange,
    SoapySDRStrings_clear,
};

use crate::settings::Range;

/// Text for SoapySDR; what follows a NUL is cut off, as C would.
pub(super) fn c_text(text: &str) -> CString {
    let bytes = text.bytes().take_while(|&b| b != 0).collect::<Vec<_>>();
    CString::new(bytes).unwrap_or_default()
}

/// Text that stays SoapySDR's own; null is empty.
///
/// # Safety
/// `text` is null or a C string.
pub(super) unsafe fn borrowed(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}

/// Text that SoapySDR hands over.
///
/// # Safety
/// `text` is null or a C string from SoapySDR that nobody else frees.
pub(super) unsafe fn owned(text: *mut c_char) -> String {
    unsafe {
        let copy = borrowed(text);
        SoapySDR_free(text.cast::<c_void>());
        copy
    }
}

/// A list of texts that SoapySDR hands over.
///
/// # Safety
/// `texts` is null or an array of `length` C strings that nobody else frees.
pub(super) unsafe fn owned_list(mut texts: *mut *mut c_char, length: usize) -> Vec<String> {
    if texts.is_null() {
        return Vec::new();
    }
    unsafe {
        let items = slice::from_raw_parts(texts, length);
        let copies = items.iter().map(|&text| borrowed(text)).collect();
        SoapySDRStrings_clear(&mut texts, length);
        copies
    }
}

/// Keys and values that stay SoapySDR's own.
///
/// # Safety
/// `pairs` is as SoapySDR made it.
unsafe fn borrowed_pairs(pairs: &SoapySDRKwargs) -> BTreeMap<String, String> {
    if pairs.keys.is_null() || pairs.vals.is_null() {
        return BTreeMap::new();
    }
    unsafe {
        let keys = slice::from_raw_parts(pairs.keys, pairs.size);
        let values = slice::from_raw_parts(pairs.vals, pairs.size);
        keys.iter()
            .zip(values)
            .map(|(&key, &value)| (borrowed(key), borrowed(value)))
            .collect()
    }
}

/// Keys and values that SoapySDR hands over.
///
/// # Safety
/// `pairs` is as SoapySDR made it, and nobody else clears it.
pub(super) unsafe fn owned_pairs(mut pairs: SoapySDRKwargs) -> BTreeMap<String, String> {
    unsafe {
        let copies = borrowed_pairs(&pairs);
        SoapySDRKwargs_clear(&mut pairs);
        copies
    }
}

/// A list of keys and values that SoapySDR hands over.
///
/// # Safety
/// `list` is null or an array of `length` that nobody else clears.
pub(super) unsafe fn owned_pairs_list(
    list: *mut SoapySDRKwargs,
    length: usize,
) -> Vec<BTreeMap<String, String>> {
    if list.is_null() {
        return Vec::new();
    }
    unsafe {
        let items = slice::from_raw_parts(list, length);
        let copies = items.iter().map(|pairs| borrowed_pairs(pairs)).collect();
        SoapySDRKwargsList_clear(list, length);
        copies
    }
}

/// Ranges that SoapySDR hands over.
///
/// # Safety
/// `ranges` is null or an array of `length` that nobody else frees.
pub(super) unsafe fn owned_ranges(ranges: *mut SoapySDRRange, length: usize) -> Vec<Range> {
    if ranges.is_null() {
        return Vec::new();
    }
    unsafe {
        let items = slice::from_raw_parts(ranges, length);
        let copies = items.iter().map(|&range| range_of(range)).collect();
        SoapySDR_free(ranges.cast::<c_void>());
        copies
    }
}

/// SoapySDR's range without its step.
pub(super) fn range_of(range: SoapySDRRange) -> Range {
    Range {
        min: range.minimum,
        max: range.maximum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_at_a_nul() {
        assert_eq!(c_text("driver=a\0b").to_bytes(), b"driver=a");
        assert_eq!(c_text("").to_bytes(), b"");
    }

    #[test]
    fn nothing_from_soapysdr_is_empty() {
        let null = std::ptr::null_mut();
        unsafe {
            assert_eq!(owned(null), "");
            assert!(owned_list(std::ptr::null_mut(), 3).is_empty());
            assert!(owned_ranges(std::ptr::null_mut(), 3).is_empty());
        }
    }
}
