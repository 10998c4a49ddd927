package dev.dioxus.auth0.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.spec.GCMParameterSpec

/**
 * The key of what is stored, in a file. The file is sealed by another key, which the Android Keystore holds and never gives
 * away.
 *
 * A file that was copied here from another phone, or from before a reset of the Keystore, is no key: a new one takes its place.
 */
internal class SealedKey(directory: File) {
    private val file = File(directory, "dioxus-auth0.key")

    fun read(): String? {
        if (!file.exists()) return null
        val sealed = file.readBytes()
        if (sealed.size < NONCE_BYTES + TAG_BITS / 8) return null
        return try {
            val cipher = Cipher.getInstance(CIPHER)
            cipher.init(Cipher.DECRYPT_MODE, find() ?: return null, GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES))
            String(cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES), Charsets.UTF_8)
        } catch (error: AEADBadTagException) {
            null
        } catch (error: InvalidKeyException) {
            null
        } catch (error: UnrecoverableKeyException) {
            null
        }
    }

    fun write(key: String) {
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, make())
        val sealed = cipher.iv + cipher.doFinal(key.toByteArray(Charsets.UTF_8))
        // Whole or not at all.
        val fresh = File(file.path + ".new")
        FileOutputStream(fresh).use {
            it.write(sealed)
            it.fd.sync()
        }
        if (!fresh.renameTo(file)) throw IOException("the file of the key cannot be replaced")
    }

    private fun find(): Key? {
        val store = KeyStore.getInstance(STORE)
        store.load(null)
        return store.getKey(ALIAS, null)
    }

    /** Makes a key in place of any other of this name. */
    private fun make(): Key {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(ALIAS, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .build()
        val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE)
        generator.init(spec)
        return generator.generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val ALIAS = "dioxus-auth0 session key"
        const val CIPHER = "AES/GCM/NoPadding"
        const val NONCE_BYTES = 12
        const val TAG_BITS = 128
    }
}
